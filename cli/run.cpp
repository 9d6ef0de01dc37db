#include "cli/run.hpp"

#include "cli/demo.hpp"
#include "cli/programs.hpp"
#include "config/load.hpp"
#include "config/own_directory.hpp"
#include "config/trusted_path.hpp"

#include <algorithm>

namespace saker::cli {

namespace {

namespace fs = std::filesystem;

/// `--state-dir` and `--runtime-dir` are short for two settings.
config::sources
sources_of(const options& from, const config::environment& env) {
  config::sources x;
  x.file = from.config;
  x.set = from.set;
  x.listen = from.listen;
  x.directories_exist = true;
  x.env = env;
  if (from.state_dir)
    x.set.push_back("state-dir=" + from.state_dir->string());
  if (from.runtime_dir)
    x.set.push_back("runtime-dir=" + from.runtime_dir->string());
  return x;
}

/// The directory of the demo: the one asked for if it is safe, else ours.
result<fs::path> make_demo(const options& from, const config::environment& env,
                           const fs::path& self, plan& into) {
  auto source = demo_source(self);
  if (!source)
    return source;
  auto usual = demo_directory(env);
  auto dir = from.state_dir.value_or(usual);
  auto made = prepare_demo(*source, dir);
  if (!made && made.error().code == errc::not_permitted && dir != usual) {
    into.notes.push_back("demo " + dir.string() + ": " + made.error().detail
                         + "; taking " + usual.string());
    dir = usual;
    made = prepare_demo(*source, dir);
  }
  if (!made)
    return made.error();
  return dir;
}

/// Points `x` to the demo in `dir`, where nobody said otherwise.
void use_demo(options& x, const fs::path& dir, const config::environment& env) {
  x.state_dir = dir;
  if (!x.runtime_dir) {
    // A deep directory is no place for sockets.
    auto here = config::parse_listen_address("unix:saker.sock", dir / "run");
    x.runtime_dir = here ? dir / "run" : env.runtime_dir();
  }
  if (!x.config) {
    x.config = dir / "saker.toml";
    return;
  }
  for (auto word : {"services", "scripts"})
    x.set.insert(x.set.begin(),
                 std::string{word} + ".dir=" + (dir / word).string());
}

/// True if an earlier keeper left rows in its table: its children may live.
bool may_have_children(const fs::path& runtime_dir) {
  std::error_code none;
  auto size = fs::file_size(runtime_dir / "keeper.table", none);
  return !none && size > 0;
}

/// `check configuration: 2 errors` and the errors, a line each.
failure configuration_failure(const failure& why) {
  auto count = 1 + std::count(why.detail.begin(), why.detail.end(), '\n');
  return fail(why.code, "check configuration: " + std::to_string(count)
                          + (count == 1 ? " error\n" : " errors\n")
                          + why.detail);
}

/// Words of a program are no secret.
void warn_of_passwords(const options& from, plan& into) {
  for (auto& x : from.set) {
    auto name = x.substr(0, x.find('='));
    if (name.find("password") != std::string::npos
        || name == "redis.requirepass")
      into.notes.push_back("--set " + name
                           + ": every user of this machine can see it in the "
                             "list of processes; write it into saker.toml");
  }
}

result<void> make_directories(const config::settings& x, uid_t uid) {
  // Others reach the sockets and read pidfiles of a Saker that root runs.
  mode_t open = uid == 0 ? 0755 : 0700;
  if (auto made = config::own_directory(x.state_dir, 0700); !made)
    return made;
  if (auto made = config::own_directory(x.runtime_dir, open); !made)
    return made;
  if (auto safe = config::trusted_path(x.state_dir); !safe)
    return safe;
  return config::trusted_path(x.runtime_dir);
}

} // namespace

std::vector<std::string>
keeper_arguments(const fs::path& node, const fs::path& file,
                 const fs::path& runtime_dir, const fs::path& state_dir,
                 const options& from) {
  std::vector<std::string> x{"--node", node.string()};
  auto add = [&](std::string name, std::string value) {
    x.push_back(std::move(name));
    x.push_back(std::move(value));
  };
  if (!file.empty())
    add("--config", file.string());
  add("--runtime-dir", runtime_dir.string());
  add("--state-dir", state_dir.string());
  for (auto& address : from.listen)
    add("--listen", address);
  for (auto& assignment : from.set)
    add("--set", assignment);
  if (from.demo)
    x.push_back("--demo");
  return x;
}

result<plan> plan_run(const options& from, const config::environment& env,
                      const fs::path& self) {
  plan x;
  auto wanted = from;
  auto keeper = find_program(self, "saker-keeper");
  if (!keeper)
    return keeper.error();
  auto node = find_program(self, "saker-node");
  if (!node)
    return node.error();
  if (from.demo) {
    auto dir = make_demo(from, env, self, x);
    if (!dir)
      return dir.error();
    use_demo(wanted, *dir, env);
  }
  auto sources = sources_of(wanted, env);
  auto settings = config::load(sources);
  if (!settings) {
    auto known = config::directories(sources);
    auto why = configuration_failure(settings.error());
    if (!may_have_children(known.runtime_dir))
      return why;
    x.notes.push_back(why.detail);
    x.notes.push_back("services may still run: going on with the "
                      "configuration that was applied last");
    settings = known;
  }
  if (auto made = make_directories(*settings, env.uid); !made)
    return made.error();
  std::error_code none;
  auto named = wanted.config || fs::exists(settings->file, none);
  warn_of_passwords(wanted, x);
  x.program = std::move(*keeper);
  x.arguments = keeper_arguments(*node, named ? settings->file : fs::path{},
                                 settings->runtime_dir, settings->state_dir,
                                 wanted);
  return x;
}

} // namespace saker::cli

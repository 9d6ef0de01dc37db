#include "config/load.hpp"

#include "base/text.hpp"
#include "config/cluster.hpp"
#include "config/file.hpp"
#include "config/overrides.hpp"
#include "config/reader.hpp"
#include "config/tls.hpp"
#include "config/toml_text.hpp"
#include "config/trusted_path.hpp"

#include <algorithm>
#include <iterator>

namespace saker::config {

namespace {

namespace fs = std::filesystem;

constexpr auto usual_scripts = "scripts";
constexpr auto usual_services = "services";

// -- the file --------------------------------------------------------------------

/// The text of the configuration; empty if the default file is missing.
result<std::string> text_of(const sources& from, const fs::path& path) {
  if (from.text)
    return *from.text;
  std::error_code ec;
  auto missing = fs::symlink_status(path, ec).type()
                 == fs::file_type::not_found;
  if (missing && !from.file)
    return std::string{};
  if (!missing)
    if (auto ok = trusted_path(path, from.env.uid); !ok)
      return ok.error();
  return read_file(path);
}

// -- completion ------------------------------------------------------------------

void listen(draft& x, const std::vector<std::string>& given, reader& reader) {
  auto& value = x.value;
  auto refuse = [&](const std::string& why) {
    if (given.empty() && x.listen_slot)
      x.listen_slot->refuse(why);
    else
      reader.report("--listen: " + why);
  };
  auto& list = given.empty() ? x.listen : given;
  value.listen_given = !given.empty();
  if (list.empty())
    refuse("needs at least one address");
  for (auto& text : list) {
    auto address = parse_listen_address(text, value.runtime_dir);
    if (!address) {
      refuse(address.error().detail);
      continue;
    }
    auto same = [&](const listen_address& other) {
      return to_string(other) == to_string(*address);
    };
    if (std::any_of(value.listen.begin(), value.listen.end(), same))
      refuse('"' + printable(text) + "\" stands there twice");
    else
      value.listen.push_back(std::move(*address));
  }
  for (auto& address : value.listen)
    if (!address.loopback() && value.default_password_hash().empty())
      refuse(to_string(address)
             + " can be reached from other machines, but no user has a "
               "password; set [users.default] password-hash, or listen on "
               "127.0.0.1");
}

/// A copy of config/saker.toml asks for the usual ones, which may be missing.
void demand_directory(const draft& x, std::string_view key, const fs::path& dir,
                      const fs::path& usual) {
  auto where = x.directory_slots.find(key);
  if (where == x.directory_slots.end() || dir == usual)
    return;
  std::error_code ec;
  auto type = fs::status(dir, ec).type();
  if (type == fs::file_type::not_found)
    where->second.refuse("there is no directory " + dir.string()
                         + "; make it, or correct the path");
  else if (type != fs::file_type::directory && type != fs::file_type::none)
    where->second.refuse(dir.string() + " is no directory");
}

void complete(draft& x, const sources& from, reader& reader) {
  auto& value = x.value;
  auto base = value.file.parent_path();
  value.state_dir = fs::path{x.state_dir}.lexically_normal();
  value.runtime_dir = fs::path{x.runtime_dir}.lexically_normal();
  value.scripts.dir = (base / x.scripts_dir).lexically_normal();
  value.services_dir = (base / x.services_dir).lexically_normal();
  value.journal.file = (value.state_dir / x.journal_file).lexically_normal();
  if (!x.log_file.empty())
    value.log.file = (value.state_dir / x.log_file).lexically_normal();
  if (from.directories_exist) {
    demand_directory(x, "scripts.dir", value.scripts.dir, base / usual_scripts);
    demand_directory(x, "services.dir", value.services_dir,
                     base / usual_services);
  }
  listen(x, from.listen, reader);
  complete_tls(x, reader);
  complete_cluster(x, reader);
}

fs::path path_of(const sources& from) {
  std::error_code none;
  return from.file ? fs::absolute(*from.file, none).lexically_normal()
                   : from.env.config_dir() / "saker.toml";
}

draft fresh(const environment& env, fs::path file) {
  draft x;
  x.value.file = std::move(file);
  x.value.node = env.node_name();
  x.listen = {"127.0.0.1:12007", "-[::1]:12007", "unix:saker.sock"};
  x.state_dir = (env.state_home() / "saker").string();
  x.runtime_dir = env.runtime_dir().string();
  x.scripts_dir = usual_scripts;
  x.services_dir = usual_services;
  x.journal_file = "journal.db";
  return x;
}

/// What CONFIG REWRITE kept counts after the file and before `--set`: its
/// parameters are put in at `at`. What was changed while the node ran came after
/// all of them.
result<void> add_overrides(const sources& from, settings& x, std::size_t at) {
  auto uid = from.keeper.value_or(from.env.uid);
  std::error_code ec;
  auto live = from.live && fs::exists(*from.live, ec);
  auto file = live ? *from.live : overrides_file(x.state_dir);
  if (live) {
    x.listen_given = false;
    at = x.redis.size();
  }
  std::vector<redis_parameter> kept;
  if (from.comes_back) {
    auto left = salvage_overrides(file, uid);
    kept = std::move(left.values);
    x.ignored = std::move(left.errors);
  } else {
    auto all = read_overrides(file, uid);
    if (!all)
      return all.error();
    kept = std::move(*all);
  }
  x.redis.insert(x.redis.begin() + static_cast<std::ptrdiff_t>(at),
                 std::make_move_iterator(kept.begin()),
                 std::make_move_iterator(kept.end()));
  return {};
}

} // namespace

result<settings> load(const sources& from) {
  auto path = path_of(from);
  auto text = text_of(from, path);
  if (!text)
    return text.error();
  auto x = fresh(from.env, path);
  reader reader{path.string(), x};
  auto table = parse_toml(*text, path);
  if (!table)
    return table.error();
  reader.walk(*table, "");
  auto in_file = x.value.redis.size();
  for (auto& assignment : from.set)
    reader.set(assignment);
  complete(x, from, reader);
  if (auto ok = reader.finish(); !ok)
    return ok.error();
  if (from.overrides)
    if (auto ok = add_overrides(from, x.value, in_file); !ok)
      return ok.error();
  return std::move(x.value);
}

settings directories(const sources& from) {
  auto path = path_of(from);
  auto x = fresh(from.env, path);
  reader reader{path.string(), x};
  toml::table table; // what is refused points into it
  if (auto text = text_of(from, path))
    if (auto parsed = parse_toml(*text, path))
      table = std::move(*parsed);
  reader.walk(table, "");
  for (auto& assignment : from.set)
    reader.set(assignment);
  complete(x, from, reader);
  return std::move(x.value);
}

settings defaults(const environment& env) {
  sources from;
  from.text = "";
  from.env = env;
  auto x = load(from);
  return x ? std::move(*x) : settings{};
}

} // namespace saker::config

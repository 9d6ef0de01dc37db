#include "actors/definitions.hpp"
#include "node/check_list.hpp"
#include "node/definition_checks.hpp"
#include "node/run.hpp"
#include "process/pidfile.hpp"

#include <cstdio>

namespace saker::node {

namespace {

/// `1 error`, `2 errors`.
std::string counted(std::size_t n, const std::string& what) {
  return std::to_string(n) + ' ' + what + (n == 1 ? "" : "s");
}

/// The one that runs with these settings; nothing: none does, or we may not
/// know.
std::optional<pid_t> keeper_of(const config::sources& from) {
  auto lock = config::directories(from).runtime_dir / "keeper.lock";
  auto holder = process::lock_holder(lock.string());
  return holder && *holder && **holder > 0 ? *holder : std::nullopt;
}

} // namespace

int check(const options& how) {
  auto settings = how.settings;
  settings.directories_exist = true;
  auto what = list_checks(how.files, settings);
  if (!what) {
    std::fprintf(stderr, "saker: check: %s\n", what.error().detail.c_str());
    return 2;
  }
  for (auto& x : what->looked)
    std::printf("checked %s\n", x.c_str());
  std::vector<lua::definition_file> files;
  for (auto& path : what->files) {
    auto text = read_source(path);
    if (!text) {
      std::fprintf(stderr, "saker: check: %s\n", text.error().detail.c_str());
      return 2;
    }
    files.push_back({path.string(), std::move(*text)});
  }
  auto keeper = keeper_of(how.settings);
  auto found = lua::evaluate(std::move(files), definition_checks(keeper));
  for (auto& x : what->warnings)
    std::printf("warning: %s\n", x.c_str());
  for (auto& x : found.warnings)
    std::printf("warning: %s\n", to_string(x).c_str());
  process::daemon_search hands{keeper.value_or(-1)};
  auto look = [&](auto& rules) { return hands.by_match(rules); };
  for (auto* services : {&found.services, &found.spoiled})
    for (auto& x : warnings_of_daemons(*services, look))
      std::printf("warning: %s\n", x.c_str());
  for (auto& x : found.errors)
    std::printf("%s\n", to_string(x).c_str());
  for (auto& x : what->errors)
    std::printf("%s\n", x.c_str());
  auto errors = found.errors.size() + what->errors.size();
  std::printf("%s, %s\n", counted(found.services.size(), "service").c_str(),
              counted(errors, "error").c_str());
  return errors == 0 ? 0 : 1;
}

} // namespace saker::node

#include "actors/definitions.hpp"
#include "node/definition_checks.hpp"
#include "node/runtime.hpp"

#include <cstdio>

namespace saker::node {

int check(const options& how) {
  std::vector<lua::definition_file> files;
  for (auto& path : how.files) {
    auto text = read_source(path);
    if (!text) {
      std::fprintf(stderr, "saker: check: %s\n", text.error().detail.c_str());
      return 2;
    }
    files.push_back({path.string(), std::move(*text)});
  }
  auto found = lua::evaluate(std::move(files), definition_checks());
  for (auto& x : found.warnings)
    std::printf("warning: %s\n", to_string(x).c_str());
  // No keeper is asked: what it started counts as somebody else's.
  process::daemon_search hands{-1};
  auto look = [&](auto& rules) { return hands.by_match(rules); };
  for (auto& x : warnings_of_daemons(found.services, look))
    std::printf("warning: %s\n", x.c_str());
  for (auto& x : found.errors)
    std::printf("%s\n", to_string(x).c_str());
  std::printf("%zu services, %zu errors\n", found.services.size(),
              found.errors.size());
  return found.errors.empty() ? 0 : 1;
}

} // namespace saker::node

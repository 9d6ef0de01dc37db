#include "actors/definitions.hpp"
#include "node/definition_checks.hpp"
#include "node/runtime.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>

namespace saker::node {

int check(const options& how) {
  std::vector<lua::definition_file> files;
  for (auto& path : how.files) {
    std::ifstream in{path};
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) {
      std::fprintf(stderr, "saker: check %s: cannot read it\n", path.c_str());
      return 2;
    }
    files.push_back({path.string(), text.str()});
  }
  auto found = lua::evaluate(std::move(files), definition_checks());
  for (auto& x : found.warnings)
    std::printf("warning: %s\n", to_string(x).c_str());
  for (auto& x : found.errors)
    std::printf("%s\n", to_string(x).c_str());
  std::printf("%zu services, %zu errors\n", found.services.size(),
              found.errors.size());
  return found.errors.empty() ? 0 : 1;
}

} // namespace saker::node

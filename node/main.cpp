#include "lua/definition_manual.hpp"
#include "node/options.hpp"
#include "node/run.hpp"
#include "resp/command_manual.hpp"

#include <cstdio>
#include <string>

namespace {

int print(const std::string& text) {
  return std::fputs(text.c_str(), stdout) < 0 ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) {
  using namespace saker;
  auto how = node::read_options({argv + 1, argv + argc});
  if (!how) {
    std::fprintf(stderr, "saker-node: %s\n", how.error().detail.c_str());
    return 2;
  }
  switch (how->as) {
    case node::options::role::check: return node::check(*how);
    case node::options::role::manual: return print(resp::command_manual());
    case node::options::role::definitions:
      return print(lua::definition_manual_text());
    case node::options::role::node: break;
  }
  return node::run(*how);
}

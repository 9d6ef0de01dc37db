#include "node/options.hpp"
#include "node/runtime.hpp"
#include "resp/command_manual.hpp"

#include <cstdio>

int main(int argc, char** argv) {
  using namespace saker;
  auto how = node::read_options({argv + 1, argv + argc});
  if (!how) {
    std::fprintf(stderr, "saker-node: %s\n", how.error().detail.c_str());
    return 2;
  }
  switch (how->as) {
    case node::options::role::check: return node::check(*how);
    case node::options::role::manual:
      return std::fputs(resp::command_manual().c_str(), stdout) < 0 ? 1 : 0;
    case node::options::role::node: break;
  }
  return node::run(*how);
}

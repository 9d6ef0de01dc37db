#include "node/options.hpp"
#include "node/runtime.hpp"

#include <cstdio>

int main(int argc, char** argv) {
  using namespace saker;
  auto how = node::read_options({argv + 1, argv + argc});
  if (!how) {
    std::fprintf(stderr, "saker-node: %s\n", how.error().detail.c_str());
    return 2;
  }
  return how->as == node::options::role::check ? node::check(*how)
                                               : node::run(*how);
}

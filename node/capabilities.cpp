#include "node/capabilities.hpp"

#include "process/proc_stat.hpp"

#include <cstdlib>
#include <string>

#include <unistd.h>

namespace saker::node {

bool has_capability(unsigned number) {
  // CapEff of /proc/self/status.
  auto status = process::read_proc("/proc/self/status").value_or("");
  auto at = status.find("\nCapEff:\t");
  if (at == std::string::npos)
    return ::geteuid() == 0;
  auto bits = std::strtoull(status.c_str() + at + 9, nullptr, 16);
  return (bits >> number & 1) != 0;
}

} // namespace saker::node

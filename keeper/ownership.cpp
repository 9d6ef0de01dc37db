#include "keeper/ownership.hpp"

#include "process/proc_stat.hpp"

#include <algorithm>

namespace saker::keeper {

namespace {

constexpr std::string_view runtime_variable = "SAKER_RUNTIME_DIR=";

/// All of the kernel's limit of an environment and more.
constexpr std::size_t most_bytes = std::size_t{8} << 20;

} // namespace

void ownership::mark(process::spec& what,
                     const process::instance_marker& x) const {
  auto instance = std::string{process::instance_variable} + '=';
  std::erase_if(what.env, [&](const std::string& y) {
    return y.starts_with(instance) || y.starts_with(runtime_variable);
  });
  what.env.push_back(process::to_string(x));
  what.env.push_back(std::string{runtime_variable} + runtime_);
}

std::optional<ownership::claim> ownership::claim_of(pid_t pid) const {
  auto marker = process::instance_of(pid);
  if (!marker)
    return std::nullopt;
  auto text = process::read_proc("/proc/" + std::to_string(pid) + "/environ",
                                 most_bytes);
  auto mine = std::string{runtime_variable} + runtime_ + '\0';
  auto ours = text
              && (text->starts_with(mine)
                  || text->find('\0' + mine) != std::string::npos);
  return claim{std::move(*marker), ours};
}

} // namespace saker::keeper

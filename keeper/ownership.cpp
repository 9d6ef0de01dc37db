#include "keeper/ownership.hpp"

#include "process/proc_limits.hpp"
#include "process/proc_stat.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace saker::keeper {

namespace {

constexpr std::string_view runtime_variable = "SAKER_RUNTIME_DIR=";

/// All of the kernel's limit of an environment and more.
constexpr std::size_t most_bytes = std::size_t{8} << 20;

// A limit from the highest bit on: 0, 15 bits that are always the same, the
// family, whose last bit is free for `spared`.
constexpr std::uint64_t magic = std::uint64_t{0x5a4b} << 48;
constexpr std::uint64_t magic_bits = std::uint64_t{0xffff} << 48;
constexpr std::uint64_t family_bits = ~magic_bits & ~std::uint64_t{1};

/// FNV-1a: the same number in every version of this program.
std::uint64_t hash(std::string_view text) noexcept {
  std::uint64_t x = 0xcbf29ce484222325;
  for (auto byte : text)
    x = (x ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return x;
}

} // namespace

std::uint64_t to_limit(const heritage& x) noexcept {
  return magic | (x.of & family_bits) | (x.spared ? 1 : 0);
}

std::optional<heritage> from_limit(std::uint64_t x) noexcept {
  if ((x & magic_bits) != magic || (x & family_bits) == 0)
    return std::nullopt;
  return heritage{x & family_bits, (x & 1) != 0};
}

ownership::ownership(std::string runtime_dir)
  : runtime_(std::move(runtime_dir)) {
  rlimit now = {};
  limits_ = ::getrlimit(RLIMIT_LOCKS, &now) == 0
            && now.rlim_max == RLIM_INFINITY;
}

void ownership::mark(process::spec& what, const process::instance_marker& x,
                     bool spared) const {
  auto instance = std::string{process::instance_variable} + '=';
  std::erase_if(what.env, [&](const std::string& y) {
    return y.starts_with(instance) || y.starts_with(runtime_variable);
  });
  what.env.push_back(process::to_string(x));
  what.env.push_back(std::string{runtime_variable} + runtime_);
  auto taken = std::any_of(what.limits.begin(), what.limits.end(),
                           [](auto& y) { return y.resource == RLIMIT_LOCKS; });
  if (limits_ && !taken)
    what.limits.push_back({RLIMIT_LOCKS, to_limit({family_of(x), spared})});
}

family ownership::family_of(const process::instance_marker& x) const noexcept {
  auto text = runtime_ + '\0' + x.key + '#' + std::to_string(x.spawn_id);
  return std::max(hash(text) & family_bits, family{2});
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

heritage ownership::heritage_of(pid_t pid) const {
  if (auto limit = process::lock_limit_of(pid))
    if (auto found = from_limit(*limit))
      return *found;
  auto said = claim_of(pid);
  return {said && said->ours ? family_of(said->marker) : 0, false};
}

} // namespace saker::keeper

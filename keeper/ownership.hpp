#pragma once

#include "process/identity.hpp"
#include "process/spec.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace saker::keeper {

/// A child of ours and all that descends from it, as a number; 0: unknown.
using family = std::uint64_t;

/// What a process has inherited from the child of ours it descends from.
struct heritage {
  family of = 0;
  bool spared = false; ///< it may outlive its leader, and Saker

  bool operator==(const heritage&) const = default;
};

/// A soft limit that tells a heritage, and back; nothing: it is a real limit.
/// Below RLIM_INFINITY, and different from what anybody would type.
std::uint64_t to_limit(const heritage& x) noexcept;
std::optional<heritage> from_limit(std::uint64_t x) noexcept;

/// Which processes are this keeper's. Several keepers may run on one machine,
/// with the same keys and numbers.
///
/// | a child gets                     | its descendants may lose it by       |
/// |----------------------------------|--------------------------------------|
/// | `SAKER_INSTANCE=key#spawn-id`    | a title written over the environment |
/// | and `SAKER_RUNTIME_DIR`          | (nginx), `env -i`, `su -`            |
/// | its family as RLIMIT_LOCKS, which| pam_limits (`su`, cron)              |
/// | no kernel since 2.4.25 looks at  |                                      |
class ownership {
public:
  explicit ownership(std::string runtime_dir);

  /// Puts all of it into the specification of a child, in place of inherited
  /// variables. A limit of that kind that was asked for stays.
  void mark(process::spec& what, const process::instance_marker& x,
            bool spared) const;

  family family_of(const process::instance_marker& x) const noexcept;

  /// What the environment of a process says.
  struct claim {
    process::instance_marker marker;
    bool ours = false; ///< of this keeper, not of another one

    /// That child of this keeper, or a descendant of it.
    bool is(const std::string& key, std::uint64_t spawn_id) const {
      return ours && marker.key == key && marker.spawn_id == spawn_id;
    }
  };

  /// Nothing: it says nothing (some programs overwrite their environment), is
  /// gone or may not be read.
  std::optional<claim> claim_of(pid_t pid) const;

  /// By the limit, which zombies have too, else by the environment.
  heritage heritage_of(pid_t pid) const;

private:
  std::string runtime_;
  bool limits_; ///< the kernel lets us set that limit
};

} // namespace saker::keeper

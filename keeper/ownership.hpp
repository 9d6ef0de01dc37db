#pragma once

#include "process/identity.hpp"
#include "process/spec.hpp"

#include <optional>
#include <string>

namespace saker::keeper {

/// Which processes are this keeper's, by what stands in their environment:
/// `SAKER_INSTANCE=key#spawn-id` and `SAKER_RUNTIME_DIR`. Several keepers may
/// run on one machine, with the same keys and numbers.
class ownership {
public:
  explicit ownership(std::string runtime_dir) : runtime_(runtime_dir) {
    // nop
  }

  /// Puts both into the environment of a child, in place of inherited ones.
  void mark(process::spec& what, const process::instance_marker& x) const;

  /// What the process says.
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

private:
  std::string runtime_;
};

} // namespace saker::keeper

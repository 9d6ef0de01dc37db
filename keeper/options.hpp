#pragma once

#include "base/result.hpp"

#include <string>
#include <vector>

namespace saker::keeper {

/// What `saker run` says. Nobody types it by hand.
struct options {
  std::string node;                 ///< path of the program saker-node
  std::string runtime_dir;          ///< absolute
  std::string state_dir;            ///< of the node; locked, else not used
  std::vector<std::string> pass_on; ///< for the node, as it was given

  bool operator==(const options&) const = default;
};

/// `--node PATH --runtime-dir D --state-dir D [--config FILE] [--listen A]…
/// [--set k=v]… [--demo]`. The keeper needs the first two; all but `--node` is
/// passed on. Fails: `errc::invalid_argument`.
result<options> parse_options(const std::vector<std::string>& arguments);

} // namespace saker::keeper

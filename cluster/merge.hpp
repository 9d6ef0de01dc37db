#pragma once

#include "base/result.hpp"
#include "resp/value.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace saker::cluster {

/// What one node answered to its part of a command.
struct node_answer {
  std::string node;
  bool self = false;
  std::optional<failure> lost; ///< there is no answer, and this is why
  resp::value reply;
};

/// Makes a reply of a failure.
using error_writer = resp::value (*)(const failure&);

/// One reply made of all: rows of one list, the sum of numbers, tables one
/// below the other. Who did not answer has a row of its own, `name=* node=n2
/// state=lost reason=…`, and makes an error of a sum; if nobody did, `error`
/// tells of the first. A node that has no such service is left out if others
/// have.
///
/// `args` is the command as it was typed.
resp::value merge(std::span<const std::string> args,
                  std::vector<node_answer> all, error_writer error);

} // namespace saker::cluster

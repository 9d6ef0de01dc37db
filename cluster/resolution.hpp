#pragma once

#include "cluster/far_names.hpp"
#include "resp/value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::cluster {

/// Asks, before anything is done, what the masks of a command mean on which
/// node: a mask that means nothing anywhere stops the whole command, as it does
/// on one node; one that means nothing on this node or that is left out there.
class resolution {
public:
  struct question {
    std::size_t part;
    std::size_t mask;              ///< of that part
    std::vector<std::string> args; ///< SVSTATUS with that mask
  };

  /// Can nodes disagree about these parts? With one mask, or on one node, the
  /// command itself tells.
  static bool needed(const std::vector<node_part>& parts);

  resolution(std::vector<node_part> parts, std::string_view command);

  std::vector<question> questions() const;

  /// Who does not answer may have it, and keeps its part.
  void answered(const question& what, const std::optional<failure>& lost,
                const resp::value& reply);

  /// Why nothing may be done, once all are answered.
  std::optional<resp::value> refusal() const;

  /// What is to be done, once all are answered.
  std::vector<node_part> rest() const;

private:
  /// What is known of one mask of the command.
  struct origin {
    bool possible = false; ///< some node has it, or may have it
    std::string refused;   ///< the first error, without its code
    std::string where;     ///< who told it
    std::size_t nodes = 0; ///< that have none
  };

  std::vector<node_part> parts_;
  std::vector<std::vector<bool>> nothing_; ///< by part, by mask
  std::vector<origin> origins_;
  std::string wrong_; ///< an error that says the command makes no sense
  bool groups_;
};

} // namespace saker::cluster

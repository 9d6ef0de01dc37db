#pragma once

#include "base/result.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::cluster {

/// Says that nobody knows a node of that name, and which names are near. `all`
/// are the names of all nodes; `self` is one of them.
failure no_such_node(std::string_view name, const std::string& self,
                     const std::vector<std::string>& all);

/// Does this command name services of nodes, `web@n2`, `*@*`, `@n2`, or what
/// it asks of nodes: CALL `greet@n2`, SYSINFO `system.uptime@n2`? `args[0]` is
/// its name.
bool names_nodes(std::span<const std::string> args);

/// Is it a command that other nodes may ask for? Commands of supervision, CALL,
/// SYSINFO.
bool may_travel(std::string_view command);

/// What one node has to do of a command.
struct node_part {
  std::string node;
  bool by_name = false;          ///< somebody wrote the name out, without `*`
  std::vector<std::string> args; ///< as that node understands them: without @
  std::size_t first = 0;         ///< of `args`: where the masks begin
  /// Of each mask: which of the masks of the whole command it was.
  std::vector<std::size_t> origins;
  std::optional<failure> lost; ///< it did not answer before, so why ask again
};

/// Splits such a command. `all` are the names of all nodes; `self` is one of
/// them, and whatever names no node is meant for it. Fails: `no_such_node`,
/// with near names; `syntax`.
result<std::vector<node_part>>
split(std::span<const std::string> args, const std::string& self,
      const std::vector<std::string>& all);

/// How long the caller is ready to wait: `WAIT 5000`, the last word of SVWAIT;
/// milliseconds, 0: no time is given.
long long patience_of(std::span<const std::string> args);

} // namespace saker::cluster

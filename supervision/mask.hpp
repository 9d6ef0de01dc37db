#pragma once

#include "base/result.hpp"
#include "supervision/service.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::supervision {

/// Redis' glob, given by whoever has it: pattern, text.
using glob_function = bool (*)(std::string_view, std::string_view);

/// What commands name services with: `web`, `api:*`, `api:0`, `w*`, `web@b`,
/// `*@*`, `@b` (everything there), `%front` (all services of a group).
struct mask {
  std::string name = "*"; ///< glob on the name of the service
  std::string index;      ///< glob on the index; empty: all instances
  std::string node;       ///< glob on the node; empty: this one
  std::string text;       ///< as it was written
  std::string group = {}; ///< glob on a group; empty: whatever its groups

  bool operator==(const mask&) const = default;

  /// Does it stand for a set that may well be empty: a bare `*`?
  bool all() const noexcept {
    return name == "*" && (index.empty() || index == "*") && group.empty();
  }

  /// Is it the name of one service, and nothing to be matched?
  bool plain() const noexcept {
    return index.empty() && group.empty()
           && name.find_first_of("*?[\\") == std::string::npos;
  }
};

/// An instance, and the groups of its service.
struct known_instance {
  instance who;
  std::span<const std::string> groups = {};
};

/// Fails: `syntax`.
result<mask> parse_mask(std::string_view text);

/// Without the node. `web:0` also means the only instance of a service that
/// has no count.
bool matches(const mask& x, const known_instance& who, glob_function glob);

/// Does it mean the node called `name`? `is_self`: that is this one.
bool matches_node(const mask& x, std::string_view name, bool is_self,
                  glob_function glob);

/// All instances that one of the masks means, each once, in the order of
/// `known`. No mask at all means everything. Fails: `no_such_service`, with
/// near names, for the first mask that means nothing (`*` may mean nothing).
result<std::vector<instance>>
resolve(const std::vector<mask>& masks,
        const std::vector<known_instance>& known, glob_function glob);

} // namespace saker::supervision

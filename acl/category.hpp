#pragma once

#include "resp/command_table.hpp"

#include <span>
#include <string_view>

namespace saker::acl {

/// A set of commands with a name: those of Redis; `supervision`, the commands
/// about services; one for each right (`status`, `events`, `control`, `script`,
/// `admin`); and `basic`, the commands for which no right is needed.
struct category {
  std::string_view name;
  bool (*has)(const resp::command_info& what);
};

/// All, those of Redis first, in its order.
std::span<const category> categories() noexcept;

/// By its name in any case, without `@`; null if there is none.
const category* find_category(std::string_view name) noexcept;

/// Calls `f(row)` for each command and each subcommand, in alphabetical order.
template <class F>
void for_each_command(F f) {
  for (auto& x : resp::commands()) {
    f(x);
    for (auto& part : x.subcommands)
      f(part);
  }
}

} // namespace saker::acl

#pragma once

#include "resp/command_table.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace saker::session {

/// One command that a script registered.
struct alias {
  std::string name;   ///< as registered; built-in names are not aliases
  std::string script; ///< who carries it out
  std::string help;   ///< one line; may be empty
  int arity = -1;     ///< with the name; negative: at least
  resp::right right = resp::right::script;

  bool accepts(std::size_t count) const noexcept {
    return arity >= 0 ? count == static_cast<std::size_t>(arity)
                      : count >= static_cast<std::size_t>(-arity);
  }
};

/// The commands of all scripts at one moment: immutable, shared by all
/// sessions, replaced as a whole.
class alias_table {
public:
  alias_table() = default;

  /// Of two with the same name the first counts; one that is called like a
  /// built-in command is left out.
  explicit alias_table(std::vector<alias> all);

  alias_table(const alias_table&) = delete;
  alias_table& operator=(const alias_table&) = delete;

  /// First in the exact spelling, then in any case; or `nullptr`. Valid as
  /// long as this table.
  const alias* find(std::string_view name) const;

  /// In alphabetical order.
  std::span<const alias> all() const noexcept {
    return all_;
  }

private:
  std::vector<alias> all_;
  std::unordered_map<std::string_view, const alias*> exact_;
  std::unordered_map<std::string, const alias*> folded_;
};

/// The name of the command that a word would run; empty: none.
inline std::string_view
name_of(const alias_table* table, std::string_view word) {
  auto what = table ? table->find(word) : nullptr;
  return what ? std::string_view{what->name} : std::string_view{};
}

using shared_aliases = std::shared_ptr<const alias_table>;

} // namespace saker::session

#pragma once

#include "resp/command_table.hpp"

#include <bitset>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::acl {

/// The words of a call; [0] is the name of the command.
using arguments = std::span<const std::string_view>;

/// What is wrong with a rule, in the words of Redis; empty: nothing.
using complaint = std::string_view;

inline constexpr complaint syntax_error = "Syntax error";

/// True if a name or a glob would be torn apart where rules are listed.
bool has_blanks(std::string_view x) noexcept;

/// Which commands are allowed, and the rules that say so: `+svstatus`,
/// `-client|kill`, `+@status`, `-@all`; `+select|0` allows SELECT with that
/// first argument only, `+call|greet` the command of a script.
class command_rules {
public:
  /// Carries out one more rule. Changes nothing if there is a complaint.
  complaint change(std::string_view rule);

  /// Whether a call may be made. What stands for the beginning of a connection
  /// (AUTH, HELLO …) always may.
  bool allows(const resp::command_info& what, arguments args) const noexcept {
    return everything_ || is_set(what.id)
           || resp::has(what.flags, resp::flag::no_auth)
           || allows_argument(what, args);
  }

  /// Whether it may be called with any arguments.
  bool allows(resp::command_id what) const noexcept {
    return is_set(what);
  }

  /// Whether `rule|argument` was given, as in `+call|greet`.
  bool allows_argument(const resp::command_info& what,
                       arguments args) const noexcept;

  /// The arguments of such rules about `what`, as they were given.
  std::span<const std::string>
  arguments_of(const resp::command_info& what) const noexcept;

  /// Rights of which every command is allowed.
  resp::rights rights() const noexcept {
    return rights_;
  }

  /// `-@all +@status -svwhy`: rules that lead to the same, without those that
  /// later ones made superfluous.
  std::string describe() const;

private:
  using id = resp::command_id;

  /// Stands for all commands that scripts register with the right `script`.
  static constexpr std::size_t of_scripts = 255;

  bool is_set(id x) const noexcept {
    return allowed_[static_cast<std::size_t>(x)];
  }

  /// What a rule is, once carried out: `+@read`; empty: `+@all` or `-@all`.
  struct applied {
    complaint no = {};
    std::string spelt = {};
    bool changed = true;   ///< false: all was so before
    bool argument = false; ///< it is about one of a command
  };

  applied apply(std::string_view rule);
  applied apply_category(std::string_view name, bool allowed);
  applied apply_command(std::string_view name, bool allowed);
  applied
  apply_argument(const resp::command_info& what, std::string_view argument);
  void all(bool allowed);
  bool put(id what, bool allowed);
  void tidy();
  void look_at_rights();

  std::bitset<256> allowed_; ///< by `command_id`, and `of_scripts`
  bool future_ = false;      ///< also commands that later versions add
  bool everything_ = false;
  resp::rights rights_;
  std::map<id, std::vector<std::string>> arguments_; ///< … that are allowed
  std::vector<std::string> rules_; ///< behind `+@all` or `-@all`
};

} // namespace saker::acl

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace saker::lua {

/// When the function behind an alias runs. Every one can be called as a
/// command too. The numbers are those of the constants PROP_ONCE and so on.
enum class property : std::uint8_t {
  once = 2,      ///< when the script is loaded; then `passivity`
  cycle = 3,     ///< again and again, `every` after it ended
  passivity = 4, ///< only when called
  defer = 5,     ///< when the script ends

  // In lists only: what has no alias.
  timer = 100,        ///< of saker.every, after, cron
  subscription = 101, ///< of saker.subscribe
};

/// "once", "cycle", "passivity", "defer".
std::string_view to_string(property x) noexcept;

/// What a script said about one of its aliases.
struct command_spec {
  std::string alias;
  property when = property::passivity;
  std::string help;
  std::string right = "script"; ///< what a caller needs
  int arity = -1; ///< as in Redis: with the name; negative: at least
  std::chrono::nanoseconds every{0}; ///< of a cycle

  bool operator==(const command_spec&) const = default;

  /// Whether so many arguments, without the name, are right.
  bool accepts(std::size_t arguments) const noexcept {
    auto n = static_cast<long long>(arguments) + 1;
    return arity >= 0 ? n == arity : n >= -arity;
  }
};

} // namespace saker::lua

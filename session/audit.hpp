#pragma once

#include "resp/command_table.hpp"
#include "resp/value.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::session {

/// Why somebody may want to know who did it.
enum class audit_kind : std::uint8_t {
  none,    ///< nobody need know
  look,    ///< only looks, at what needs the right `control` or `admin`
  script,  ///< a command of a script with the right `script`
  change,  ///< changes something, or may
  login,   ///< somebody showed who it is
  refusal, ///< was not allowed
};

/// True for rights that are more than looking and listening. All commands that
/// are called a thousand times a second ask for less.
constexpr bool is_weighty(resp::right x) noexcept {
  return x == resp::right::control || x == resp::right::admin;
}

/// Of a command, by its row and, for the few that both look and change, by its
/// words. Whatever needs `control` or `admin` changes something unless it stands
/// among those that look. Commands of scripts: see below.
audit_kind audit_kind_of(const resp::command_info& what,
                         std::span<const std::string_view> args) noexcept;

/// Of a command that a script registered for that right.
audit_kind audit_kind_of(resp::right alias) noexcept;

enum class audit_outcome : std::uint8_t {
  done,
  failed,
  refused,
  begun, ///< how it ended nobody waited for: SHUTDOWN, or the client was gone
};

std::string_view to_string(audit_outcome x) noexcept;

/// How a command ended: `failed`, `TIMEOUT`.
struct audit_result {
  audit_outcome outcome = audit_outcome::done;
  std::string error; ///< the first word of the error; empty: none

  bool operator==(const audit_result&) const = default;
};

/// By its reply: an error; of a command about services, rows of `name code desc`
/// of which one is not 0; or anything else, which is well.
audit_result result_of(std::string_view command, const resp::value& reply);

/// By the text of an error.
audit_result result_of_error(std::string_view text);

/// Who did what. Nothing in it is secret, and all of it has a bound.
struct audit_entry {
  std::chrono::system_clock::time_point at;
  std::string user;    ///< empty: nobody yet
  std::string address; ///< as CLIENT LIST shows it; `lua` for scripts
  std::uint64_t client
    = 0; ///< its id; 0: a script, or somebody on another node
  std::optional<std::uint32_t> uid;  ///< as the kernel says
  std::string command;               ///< `svstop`, `config|set`, `deploy`
  std::vector<std::string> args;     ///< what stands behind it
  std::vector<std::string> services; ///< that it names: masks; `%front`
  audit_result result = {};
  std::uint64_t more
    = 0; ///< not 0: so many were not told, and all else is empty

  bool operator==(const audit_entry&) const = default;
};

/// Fills in `command`, `args` and `services`. `what` is null for a command of a
/// script, `args` are all words.
void describe_call(audit_entry& x, const resp::command_info* what,
                   std::span<const std::string_view> args);

/// The longest part of a name or address that comes from outside.
inline constexpr std::size_t longest_audited_name = 128;

} // namespace saker::session

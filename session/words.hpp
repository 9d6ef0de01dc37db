#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace saker::session {

/// What Redis shows of a client's words in an error: so many bytes.
inline constexpr std::size_t excerpt_bytes = 128;

/// The start of `x`: at most `limit` bytes, and none from a NUL on.
inline std::string_view
excerpt(std::string_view x, std::size_t limit = excerpt_bytes) {
  return x.substr(0, std::min(limit, x.find('\0')));
}

/// What CLIENT LIST can show without being misread.
inline bool is_plain_word(std::string_view x) noexcept {
  return std::all_of(x.begin(), x.end(),
                     [](char c) { return c >= '!' && c <= '~'; });
}

/// Each row of CLIENT LIST has it, so it must not be endless.
inline constexpr std::size_t longest_client_name = 1024;

/// What to reply to a name that a client cannot have; empty if it can.
inline std::string client_name_error(std::string_view x) {
  if (x.size() > longest_client_name)
    return "ERR Client names cannot be longer than 1024 bytes.";
  if (!is_plain_word(x))
    return "ERR Client names cannot contain spaces, newlines or special "
           "characters.";
  return {};
}

/// While not all services are known.
inline constexpr std::string_view services_load
  = "LOADING Saker is still finding out how its services stand; try again in "
    "a moment";

/// While a script may still know the command.
inline constexpr std::string_view scripts_load
  = "LOADING Saker is still loading its scripts, one of which may know this "
    "command; try again in a moment";

} // namespace saker::session

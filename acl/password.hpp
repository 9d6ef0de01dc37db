#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace saker::acl {

/// No longer one is tried, nor given to a user: to hash it would take long, and
/// whoever guesses chooses the length.
inline constexpr std::size_t longest_password = 64 * 1024;

/// The SHA-256 of `password` as 64 lower-case hex digits: what
/// `printf %s PASSWORD | sha256sum` prints, and what Redis stores.
std::string password_hash(std::string_view password);

/// True if `password` has the hash `hash`. An empty `hash` never matches. Takes
/// the same time wherever a difference is.
bool password_matches(std::string_view password, std::string_view hash);

/// True for 64 hex digits.
bool is_password_hash(std::string_view x) noexcept;

/// A password that nobody can guess: hex digits, enough for so many bits, from
/// the kernel. Fails: errc::io if the kernel has none to give.
result<std::string> random_password(std::size_t bits);

} // namespace saker::acl

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace saker::io {

constexpr std::size_t nonce_size = 16;

/// Random bytes that no connection had before.
std::string fresh_nonce();

/// What only somebody can say who knows `cookie`: over both hellos (their
/// nonces first), and over who dialled, so that nobody can send back what it
/// was told.
std::string proof(std::string_view cookie, bool dialled, std::string_view mine,
                  std::string_view theirs);

/// Takes the same time wherever they differ.
bool same_secret(std::string_view x, std::string_view y) noexcept;

} // namespace saker::io

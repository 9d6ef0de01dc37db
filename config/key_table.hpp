#pragma once

#include "config/keys.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// The parts of the table of keys; keys.cpp joins them.
namespace saker::config {

struct known_key {
  std::string_view name; ///< with its section
  void (*read)(const slot&, draft&);
};

std::span<const known_key> keys_of_node() noexcept;
std::span<const known_key> keys_of_clients() noexcept;
std::span<const known_key> keys_of_lua() noexcept;
std::span<const known_key> keys_of_log() noexcept;
std::span<const known_key> keys_of_cluster() noexcept;

// -- what several parts need -----------------------------------------------------

inline constexpr std::uint64_t kb = 1024;
inline constexpr std::uint64_t mb = 1024 * kb;
inline constexpr std::uint64_t gb = 1024 * mb;
inline constexpr std::uint64_t most_bytes = 1024 * gb;

/// Any text but none.
void read_path(const slot& from, std::string& path);

} // namespace saker::config

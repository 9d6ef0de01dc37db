#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace saker::config {

/// As much configuration is read, in bytes.
constexpr std::size_t largest_file = 1 << 20;

/// The content of a regular file. Never waits, as a FIFO would let it.
///
/// Fails: errc::io, errc::refused (no file), errc::limit.
result<std::string>
read_file(const std::filesystem::path& path, std::size_t limit = largest_file);

} // namespace saker::config

#pragma once

#include "base/result.hpp"

#include <filesystem>

#include <sys/types.h>

namespace saker::config {

/// Makes `path` and its missing parents with mode `mode`, whatever the umask
/// says. An existing one must be a directory, no link, belong to us and be
/// writable by nobody else; its mode is left alone otherwise.
/// Fails: errc::not_permitted, errc::io, with path and reason.
result<void> own_directory(const std::filesystem::path& path, mode_t mode);

} // namespace saker::config

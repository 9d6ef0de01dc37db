#pragma once

#include "base/result.hpp"

#include <filesystem>

#include <sys/types.h>
#include <unistd.h>

namespace saker::config {

/// Succeeds if nobody but root and `own` can change what `path` leads to: it,
/// every parent and every link on the way belong to one of them and are
/// writable by nobody else. A group may write if it is the owner's private
/// one; a directory with the sticky bit (/tmp) counts as safe.
///
/// Fails: errc::not_permitted, naming what is wrong and the chown or chmod to
/// type; errc::io if it cannot be looked at.
result<void>
trusted_path(const std::filesystem::path& path, uid_t own = ::geteuid());

} // namespace saker::config

#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string_view>

#include <toml++/toml.h>

namespace saker::config {

/// The TOML in a text; `path` is named by errors. No more than `read_file`
/// would give.
///
/// Fails: errc::limit, errc::syntax: `FILE:LINE: not TOML: reason`.
result<toml::table>
parse_toml(std::string_view text, const std::filesystem::path& path);

} // namespace saker::config

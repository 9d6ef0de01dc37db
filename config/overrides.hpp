#pragma once

#include "base/result.hpp"
#include "config/settings.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace saker::config {

/// Parameters of Redis, by name, that CONFIG SET changed and CONFIG REWRITE
/// keeps.
using override_list = std::vector<std::pair<std::string, std::string>>;

/// `overrides.toml` in the state directory: read after saker.toml.
std::filesystem::path overrides_file(const std::filesystem::path& state_dir);

/// What stands in it: a section [redis] and how to get rid of it.
std::string overrides_text(const override_list& what);

/// `live.toml` in the runtime directory: what a node that is started again by
/// its keeper takes in place of overrides.toml.
std::filesystem::path live_file(const std::filesystem::path& runtime_dir);

/// What stands in that one.
std::string live_text(const override_list& what);

/// Whether such a text can be read again: TOML is UTF-8, and a file of settings
/// has a bound. Fails: errc::invalid_argument.
result<void> check_overrides(std::string_view text);

/// What such a file keeps, if it is there. Fails with a line per error, each with
/// its place, like config::load; errc::corrupt for the beginning of one.
result<std::vector<redis_parameter>>
read_overrides(const std::filesystem::path& path, uid_t own = ::geteuid());

/// What is left of a file that `read_overrides` does not take.
struct salvage {
  std::vector<redis_parameter> values;
  std::vector<std::string> errors; ///< a line each
};

/// The same for a node that comes back while services live: whatever can be
/// read, line by line if need be. Never fails, and fails closed: an error takes
/// no password away, and where one may have stood that cannot be read, none is
/// the right one.
salvage
salvage_overrides(const std::filesystem::path& path, uid_t own = ::geteuid());

/// The names in such a text.
std::vector<std::string> overridden_names(std::string_view text);

} // namespace saker::config

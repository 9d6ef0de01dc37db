#pragma once

#include "base/result.hpp"
#include "config/environment.hpp"

#include <filesystem>

namespace saker::cli {

/// The directory with `services` and `scripts` that belongs to the program
/// `self`: ../share/saker of an installed one, the sources of a built one.
result<std::filesystem::path> demo_source(const std::filesystem::path& self);

/// Fills `dir` with the services, the scripts and a saker.toml of the demo. A
/// file that is newer there was edited, and stays. Everything is ours and
/// writable by nobody else afterwards.
result<void> prepare_demo(const std::filesystem::path& source,
                          const std::filesystem::path& dir);

/// Where the demo lives unless somebody says otherwise: $XDG_STATE_HOME/
/// saker-demo and its like.
std::filesystem::path demo_directory(const config::environment& env);

} // namespace saker::cli

#pragma once

#include "base/result.hpp"
#include "cli/options.hpp"
#include "config/environment.hpp"
#include "config/settings.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace saker::cli {

/// What `saker run` turns into: a program and its arguments.
struct plan {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::vector<std::string> notes; ///< for the person, before the start
};

/// Checks the configuration, makes the directories and finds the programs.
///
/// Fails: errc::not_found (a program is missing), else what is wrong with the
/// configuration, a line per error, for exit status 78. A configuration that
/// is wrong while children of an earlier Saker may still live is only noted:
/// keeper and node go on with the one that was applied last.
result<plan> plan_run(const options& from, const config::environment& env,
                      const std::filesystem::path& self);

/// The arguments of saker-keeper. `file`: empty if there is no configuration.
std::vector<std::string>
keeper_arguments(const std::filesystem::path& node,
                 const std::filesystem::path& file,
                 const std::filesystem::path& runtime_dir,
                 const std::filesystem::path& state_dir, const options& from);

} // namespace saker::cli

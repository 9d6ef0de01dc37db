#pragma once

#include "base/result.hpp"
#include "config/load.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace saker::node {

/// What `saker check` is to look at.
struct check_list {
  std::vector<std::filesystem::path> files;  ///< of definitions
  std::vector<std::filesystem::path> looked; ///< settings and directories
  std::vector<std::string> warnings;
  std::vector<std::string> errors; ///< of settings, a line each
};

/// Directories stand for their *.lua, a *.toml for its settings; nothing at all
/// for what `saker run` would read. Fails: a directory or settings cannot be
/// read.
result<check_list> list_checks(const std::vector<std::filesystem::path>& asked,
                               const config::sources& settings);

} // namespace saker::node

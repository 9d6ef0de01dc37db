#pragma once

#include "base/result.hpp"
#include "config/load.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace saker::node {

/// What the keeper says when it starts a node, or a person who checks files.
struct options {
  enum class role { node, check, manual, definitions };

  role as = role::node;
  int link_fd = -1;
  config::sources settings; ///< where they come from
  bool demo = false;
  std::vector<std::filesystem::path> files; ///< of `check`
};

/// Reads the arguments behind the program's name. Fails: `invalid_argument`.
result<options> read_options(const std::vector<std::string>& args);

} // namespace saker::node

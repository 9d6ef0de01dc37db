#pragma once

#include "base/result.hpp"
#include "cli/client_options.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace saker::cli {

/// What was typed after `saker`.
struct options {
  enum class action { run, check, version, help, client };

  action what = action::help;
  std::string text; ///< help: what to print

  // run
  std::optional<std::filesystem::path> config;
  std::vector<std::string> listen;
  std::vector<std::string> set;
  std::optional<std::filesystem::path> state_dir;   ///< absolute
  std::optional<std::filesystem::path> runtime_dir; ///< absolute
  bool demo = false;

  // check
  std::vector<std::string> files;

  // client: a running Saker
  client_options asked;
};

/// Reads the arguments after the program's name. Fails with
/// errc::invalid_argument and `object: reason; hint`, for exit status 2.
result<options> read_options(const std::vector<std::string>& typed);

/// All words that may follow `saker`, for completion.
std::vector<std::string> known_words();

} // namespace saker::cli

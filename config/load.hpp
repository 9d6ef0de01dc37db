#pragma once

#include "base/result.hpp"
#include "config/environment.hpp"
#include "config/settings.hpp"

#include <optional>

namespace saker::config {

/// Where the settings come from. Later ones win: file, overrides, `set`,
/// `listen`.
struct sources {
  /// As given by `--config`; none: `saker.toml` in the default directory,
  /// which may be missing.
  std::optional<std::filesystem::path> file;
  /// Read instead of the file's content (the applied copy), if given. Paths
  /// stay relative to `file`, errors name it. No owner is checked.
  std::optional<std::string> text;
  /// Also what CONFIG REWRITE kept: `overrides.toml` in the state directory.
  bool overrides = false;
  /// Read in its place if it is there: what CONFIG SET had changed when the
  /// node ended by a fault.
  std::optional<std::filesystem::path> live = std::nullopt;
  /// For a node that comes back while services live: what is wrong in
  /// `overrides.toml` does not count and is told in `settings::ignored`.
  bool comes_back = false;
  /// Who else than root may have written what commands kept; none: `env.uid`. For
  /// whoever looks at files of another user's Saker.
  std::optional<uid_t> keeper = std::nullopt;
  std::vector<std::string> set;    ///< `key=value`, as in `log.level=debug`
  std::vector<std::string> listen; ///< replaces the list of addresses
  /// Directories of scripts and services other than the usual ones have to be
  /// there: for whoever reads what a person wrote, while nothing runs yet.
  bool directories_exist = false;
  environment env = environment::current();
};

/// Reads, checks and completes the settings.
///
/// Fails with one line per error in `detail`, in the order of the file:
/// `FILE:LINE: KEY: reason (did you mean "x"?)`, `--set KEY=VALUE: reason`.
/// errc::syntax (not TOML), errc::io, errc::not_permitted (others could change
/// the file: see trusted_path), else errc::invalid_argument.
result<settings> load(const sources& from);

/// Whatever of state_dir and runtime_dir can be made out, from a wrong
/// configuration too; the rest may be anything. Never fails.
settings directories(const sources& from);

/// The settings of an empty file.
settings defaults(const environment& env);

} // namespace saker::config

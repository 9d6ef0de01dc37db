#pragma once

#include <filesystem>
#include <string>

#include <sys/types.h>

namespace saker::config {

/// What the defaults depend on: who runs Saker, and where.
struct environment {
  uid_t uid = 0;
  std::string host_name;
  std::filesystem::path home;
  std::string xdg_config_home; ///< as in the environment; may be empty
  std::string xdg_state_home;
  std::string xdg_runtime_dir;

  /// Reads uid, host name and variables of this process.
  static environment current();

  /// Root: /etc/saker; else $XDG_CONFIG_HOME/saker, ~/.config/saker.
  std::filesystem::path config_dir() const;

  /// Root: /var/lib; else $XDG_STATE_HOME, ~/.local/state.
  std::filesystem::path state_home() const;

  /// Root: /run/saker; else $XDG_RUNTIME_DIR/saker, /tmp/saker-UID.
  std::filesystem::path runtime_dir() const;

  /// The host name as a valid node name: other bytes become `-`.
  std::string node_name() const;
};

/// A name of a node, service or user: `[A-Za-z0-9][A-Za-z0-9_.-]{0,62}`.
bool valid_name(std::string_view x) noexcept;

} // namespace saker::config

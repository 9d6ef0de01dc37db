#pragma once

#include "cli/tls_session.hpp"
#include "cli/verbs.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace saker::cli {

/// What a running Saker is asked for.
struct client_options {
  verb what = verb::status;
  std::optional<std::string> address; ///< as typed; empty: the usual places
  tls_files tls;                      ///< for rediss://
  std::vector<std::string> names;     ///< masks, files, words of a command

  bool json = false;                ///< status, events
  bool watch = false;               ///< status
  bool follow = false;              ///< logs, events
  bool force = false;               ///< apply
  bool keep_services = false;       ///< shutdown
  bool rotate = false;              ///< logs
  bool clear = false;               ///< logs
  std::optional<std::string> since; ///< events: as typed
  std::uint32_t lines = 20;         ///< logs, life
  std::vector<std::string> options; ///< svrun: in the words of SVRUN
  std::string signal;
  std::string state = "running"; ///< wait
  std::uint32_t count = 0;       ///< scale
  std::uint32_t rolling = 0;     ///< restart: so many at a time; 0: all
  /// Until the state is reached: start and its like, wait.
  std::optional<std::chrono::milliseconds> patience;

  /// What errors name after the verb: the names, as far as they fit.
  std::string object() const;
};

} // namespace saker::cli

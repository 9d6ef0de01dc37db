#pragma once

#include "config/settings.hpp"
#include "link/answer.hpp"
#include "lua/host.hpp"

#include <functional>
#include <memory>
#include <string>

namespace spdlog {
class logger;
} // namespace spdlog

namespace saker::node {

/// The node's log: to stderr or a file, asynchronous and bounded. When the sink
/// is slower than the lines come, the oldest ones are dropped: nobody waits
/// for a log. Any thread.
class log {
public:
  /// Fails: `errc::io`, when the file cannot be opened.
  static result<log> open(const config::log_settings& how);

  /// Lines below it are left out from now on.
  void level(config::log_level x) const;

  void debug(const std::string& text) const;
  void info(const std::string& text) const;
  void warn(const std::string& text) const;
  void error(const std::string& text) const;

  /// Who did what: as `info`, but whatever the level, as nobody may switch it
  /// off. Where lines are JSON, they have `event`, which is JSON, beside the text.
  void audit(const std::string& text, const std::string& event) const;

  void at(link::log_level level, const std::string& text) const;

  /// A line of the keeper, a line of a script.
  void from_keeper(link::log_level level, const std::string& text) const;
  void from_script(lua::log_level level, const std::string& text) const;

  /// Writes what is queued; for the end of the program.
  void close() const;

private:
  log(std::shared_ptr<spdlog::logger> to, std::function<void()> finish,
      config::log_format format);

  /// As it stands in the log, whatever is in it.
  std::string shown(const std::string& text) const;

  std::shared_ptr<spdlog::logger> to_;
  std::function<void()> finish_;
  config::log_format format_;
};

} // namespace saker::node

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

  void debug(const std::string& text) const;
  void info(const std::string& text) const;
  void warn(const std::string& text) const;
  void error(const std::string& text) const;

  void at(link::log_level level, const std::string& text) const;

  /// A line of the keeper, a line of a script.
  void from_keeper(link::log_level level, const std::string& text) const;
  void from_script(lua::log_level level, const std::string& text) const;

  /// Writes what is queued; for the end of the program.
  void close() const;

private:
  explicit log(std::shared_ptr<spdlog::logger> to);

  std::shared_ptr<spdlog::logger> to_;
};

} // namespace saker::node

#pragma once

#include "link/answer.hpp"

#include <functional>
#include <string>

namespace saker::keeper {

/// The keeper's own words: to the node while one listens, else to stderr.
class logger {
public:
  using level = link::log_level;

  /// Returns false when nobody listens.
  using sink = std::function<bool(const link::log_line&)>;

  void set_sink(sink x) {
    sink_ = std::move(x);
  }

  void error(const std::string& text) {
    write(level::error, text);
  }

  void warning(const std::string& text) {
    write(level::warning, text);
  }

  void notice(const std::string& text) {
    write(level::notice, text);
  }

  void write(level severity, const std::string& text);

private:
  sink sink_;
};

} // namespace saker::keeper

#pragma once

#include "messages/command_actor.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

/// A command as the slow log is to show it. Made before it is carried out, as
/// that may take its words apart.
struct slow_subject {
  explicit slow_subject(const command_call& what);

  /// Adds an entry if that much is worth one.
  void took(std::chrono::nanoseconds time) const;

  slow_origin origin;             ///< null: nobody wants to know
  std::string_view event;         ///< for LATENCY
  std::vector<std::string> words; ///< cut, and without secrets
};

/// Measures the work of one handler, from here to the end of the block.
class stopwatch {
public:
  explicit stopwatch(const command_call& what) : subject_(what) {
    if (subject_.origin.log)
      begin_ = subject_.origin.log->now();
  }

  ~stopwatch() {
    if (subject_.origin.log)
      subject_.took(subject_.origin.log->now() - begin_);
  }

  stopwatch(const stopwatch&) = delete;
  stopwatch& operator=(const stopwatch&) = delete;

private:
  slow_subject subject_;
  session::slow_log::time_point begin_;
};

} // namespace saker

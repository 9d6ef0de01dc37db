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
  /// Of one that may take the words apart: they are copied before.
  explicit stopwatch(command_call& what) : subject_(what) {
    begin(subject_->origin.log.get());
  }

  /// Of one that only reads them: they are copied once that was slow. They
  /// must live as long as this object.
  explicit stopwatch(const command_call& what) : what_(&what) {
    auto log = what.origin.log.get();
    begin(log && log->measures() ? log : nullptr);
  }

  ~stopwatch() {
    if (log_)
      end(log_->now() - begin_);
  }

  stopwatch(const stopwatch&) = delete;
  stopwatch& operator=(const stopwatch&) = delete;

private:
  void begin(session::slow_log* log) {
    log_ = log;
    if (log_)
      begin_ = log_->now();
  }

  void end(std::chrono::nanoseconds time) const;

  const command_call* what_ = nullptr;
  std::optional<slow_subject> subject_;
  session::slow_log* log_ = nullptr; ///< null: nobody wants to know
  session::slow_log::time_point begin_;
};

} // namespace saker

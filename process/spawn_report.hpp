#pragma once

#include "base/unique_fd.hpp"
#include "process/shared_step.hpp"
#include "process/spawn_step.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <variant>

namespace saker::process {

/// The set-up goes on.
struct spawn_pending {
  spawn_step step = spawn_step::none; ///< where it is (or hangs)
  std::string path;                   ///< what that step is about

  bool operator==(const spawn_pending&) const = default;
};

/// The program runs.
struct spawn_done {
  bool operator==(const spawn_done&) const = default;
};

using spawn_progress = std::variant<spawn_pending, spawn_done, spawn_failure>;

/// What a child writes into its pipe: first a sign of life (`fork` without an
/// error), then at most one failure, with its hint behind it in the same write.
/// The end of the pipe while the set-up is at `exec` is the success.
struct spawn_record {
  spawn_step step = spawn_step::none;
  std::uint8_t failed = 0; ///< 1: the step failed
  std::uint16_t index = 0;
  std::int32_t error = 0;
};

static_assert(sizeof(spawn_record) == 8);

/// The reading end of a child's report. Becomes readable once, when the set-up
/// is over: read until the answer is not spawn_pending, then drop it.
class spawn_report {
public:
  spawn_report() = default;

  /// `about` needs no environment and no arguments.
  spawn_report(unique_fd fd, shared_step step, spec about);

  /// Non-blocking; owned by this object. Who wraps it (Asio) has to release it
  /// from the wrapper before this object ends.
  int fd() const noexcept {
    return fd_.get();
  }

  /// Reads what is there; never blocks. After a failure the child is about to
  /// end: reap it through its pidfd as usual. A child that is killed within the
  /// very call of exec counts as done; its exit status tells.
  spawn_progress read();

  /// Where the set-up is just now: for the message of a timeout.
  spawn_pending pending() const;

  /// What the child writes to.
  const shared_step& shared() const noexcept {
    return step_;
  }

private:
  std::string read_hint() const;
  spawn_progress at_end() const;

  unique_fd fd_;
  shared_step step_;
  spec about_;
};

} // namespace saker::process

#pragma once

#include <cstddef>
#include <vector>

namespace saker::io {

class turn;

/// When a hook runs within a turn.
enum class stage : unsigned {
  join,  ///< after actors ran: join what they collected; may send messages
  write, ///< at the end: hand bytes to the kernel; sends nothing
};

/// Work that is wanted once at the end of the present turn, however often it
/// was asked for. Embedded in its owner; disarms itself when destroyed.
class turn_hook {
public:
  turn_hook() = default;
  turn_hook(const turn_hook&) = delete;
  turn_hook& operator=(const turn_hook&) = delete;
  virtual ~turn_hook();

  /// Called once per `turn::defer`, on the thread of the turn.
  virtual void at_end_of_turn() = 0;

private:
  friend class turn;
  turn* armed_in_ = nullptr;
  stage armed_for_ = stage::join;
  std::size_t index_ = 0;
};

/// One round of the I/O thread: ready actors run, then hooks join what they
/// collected, then each socket gets one write. All calls on one thread.
class turn {
public:
  virtual ~turn();

  /// Runs `hook` at the end of this turn; does nothing if it is armed already.
  void defer(stage when, turn_hook& hook);

protected:
  /// Runs the hooks of one stage; returns whether there were any.
  bool run_hooks(stage when);

  /// Whether some hook waits.
  bool has_hooks() const noexcept;

private:
  friend class turn_hook;
  void cancel(turn_hook& hook) noexcept;

  std::vector<turn_hook*> hooks_[2];
  std::vector<turn_hook*> running_;
};

} // namespace saker::io

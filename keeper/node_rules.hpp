#pragma once

#include <chrono>
#include <deque>
#include <optional>

namespace saker::keeper {

/// How the node ended.
struct node_end {
  bool signaled = false;
  int number = 0; ///< exit status or signal
};

/// When the node is started again, and how. Pure: time is an argument
/// (monotonic, any zero).
///
/// | ended by                             | started again                   |
/// |--------------------------------------|---------------------------------|
/// | SIGKILL or another foreign signal    | at once, 20 times in 10 s, then |
/// |                                      | once a second                   |
/// | SIGSEGV SIGBUS SIGFPE SIGILL SIGABRT | after 0.1 s, doubled up to 2 s; |
/// | SIGSYS, or any exit                  | the third in 60 s: safe mode    |
/// | exit 2, 3, 78 before the first READY | never, if nothing lives         |
/// | us, as it overlooked an end          | as by a foreign signal          |
///
/// 10 s of READY forget all faults; the time in which it hung does not count.
class node_rules {
public:
  using time = std::chrono::nanoseconds;

  struct verdict {
    bool again = true;
    time delay{0};
    int code = 0; ///< not again: the keeper's exit status
  };

  /// The node said READY.
  void ready(time now) noexcept;

  /// The node was found to hang, and has done nothing since then: that time is
  /// no health.
  void hangs(time since) noexcept;

  /// It talks, but overlooked an end and is being ended for it: too much to do,
  /// which safe mode would not help.
  void overlooks() noexcept;

  /// The node is gone; `living` tells whether any child lives.
  verdict ended(const node_end& how, bool living, time now);

  /// Whether the next node should run without scripts and page.
  bool safe_mode() const noexcept {
    return safe_mode_;
  }

private:
  verdict foreign(time now);
  verdict own_fault(time now);

  std::optional<time> ready_since_;
  std::optional<time> hangs_since_;
  bool overlooks_ = false;
  bool was_ever_ready_ = false;
  bool safe_mode_ = false;
  std::deque<time> kills_;  ///< of the last 10 s, 20 at most
  std::deque<time> faults_; ///< of the last 60 s, a few
  time backoff_{0};
};

} // namespace saker::keeper

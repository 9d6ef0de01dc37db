#pragma once

#include "supervision/past_event.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace saker::supervision {

/// Events on their way to a disk that may hang: nobody who puts one in ever
/// waits. What does not fit pushes out the oldest, which is counted.
///
/// Any thread puts in, one takes out.
class history_queue {
public:
  static constexpr std::size_t usual_size = 100'000;

  /// Some events, oldest first.
  struct batch {
    std::vector<past_event> events;
    std::uint64_t missed = 0; ///< were pushed out before these
    event_id last_missed;     ///< the newest of them
    bool more = false;        ///< take again; else `wake` will be called
  };

  /// `wake()` is called, by whoever puts something in, when something is there
  /// after nothing was.
  history_queue(std::size_t size, std::function<void()> wake)
    : size_(size), wake_(std::move(wake)) {
    // nop
  }

  void put(past_event x) {
    std::unique_lock guard{mutex_};
    if (waiting_.size() >= size_) {
      missed_.last_missed = waiting_.front().id;
      ++missed_.missed;
      waiting_.pop_front();
    }
    waiting_.push_back(std::move(x));
    auto first = !std::exchange(awake_, true);
    guard.unlock();
    if (first)
      wake_();
  }

  /// At most that many.
  batch take(std::size_t most) {
    std::lock_guard guard{mutex_};
    auto result = std::exchange(missed_, {});
    while (!waiting_.empty() && result.events.size() < most) {
      result.events.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    awake_ = result.more = !waiting_.empty();
    return result;
  }

private:
  std::size_t size_;
  std::function<void()> wake_;
  std::mutex mutex_; // guards what follows
  std::deque<past_event> waiting_;
  batch missed_; ///< its counts only
  bool awake_ = false;
};

} // namespace saker::supervision

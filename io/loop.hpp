#pragma once

#include "io/poller.hpp"
#include "io/turn.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/execution_unit.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <vector>

namespace saker::io {

/// The I/O thread: an Asio loop that is also an execution unit of CAF, so that
/// actors pinned to it (`io/pinned.hpp`) and sockets share one thread and a
/// delivery never crosses threads.
///
/// A turn: at most `resumes_per_turn` × `messages_per_resume` messages (a
/// larger product delays timers, 64 × 50 by 2 ms at the median), those that
/// these actors send each other included, so that a command and its answer
/// need one turn; then the join hooks and what they sent, with a bound of its
/// own, for a delivery costs less than the write that follows; then the write
/// hooks, then one look at the kernel:
/// waiting for it only when no actor is ready. Sockets of clients are in the
/// `poller`; all else (timers, signals, TLS) is Asio's, whose own descriptor is
/// one of those in the poller.
///
/// Handlers may be posted to `context()` on this thread only.
class loop final : public caf::execution_unit, public turn {
public:
  static constexpr std::size_t resumes_per_turn = 64;
  static constexpr std::size_t messages_per_resume = 5;
  static constexpr std::size_t deliveries_per_turn = 4096; ///< resumes

  explicit loop(caf::actor_system& sys);
  ~loop() override;

  boost::asio::io_context& context() noexcept {
    return context_;
  }

  poller& sockets() noexcept {
    return sockets_;
  }

  /// Runs turns on the calling thread until `stop`.
  void run();

  /// Runs turns without waiting until nothing is ready; for the end of the
  /// program and for tests. Must not be called while `run` runs.
  void drain();

  /// Makes `run` return after the present turn. Any thread.
  void stop();

  /// Called by CAF. Any thread.
  void exec_later(caf::resumable* job) override;

private:
  /// Wakes the poller when Asio has something to do.
  struct asio_source final : poll_source {
    void ready(std::uint32_t) override {
      // The next turn asks Asio anyway.
    }
  };

  void work();
  void run_ready(std::size_t& left);
  void resume(caf::resumable* job);
  bool is_ready() const noexcept;
  void take_later();
  void take_remote();

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    guard_{context_.get_executor()};
  poller sockets_;
  asio_source asio_;
  std::deque<caf::resumable*> ready_;
  std::vector<caf::resumable*> later_; // have had their share of this turn
  std::atomic<bool> stopped_{false};

  std::mutex mutex_; // guards remote_
  std::vector<caf::resumable*> remote_;
  std::atomic<bool> has_remote_{false};
  std::vector<caf::resumable*> taken_; // keeps its capacity
};

} // namespace saker::io

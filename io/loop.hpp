#pragma once

#include "io/asio_descriptor.hpp"
#include "io/poller.hpp"
#include "io/send_batch.hpp"
#include "io/turn.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/execution_unit.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <vector>

namespace saker::io {

/// The I/O thread: an Asio loop that is also an execution unit of CAF, so that
/// actors pinned to it (`io/pinned.hpp`) and sockets share one thread and a
/// delivery never crosses threads.
///
/// A turn: ready actors in turns of `messages_per_resume` messages, those that
/// these actors send each other included, so that a command and its answer
/// need one turn; no longer than `time_per_turn`, for timers and sockets wait
/// meanwhile. Then the join hooks and what they sent, with a bound of its own,
/// for a delivery costs less than the write that follows; then the write
/// hooks, and what these found to send in one batch; then one look at the
/// kernel, waiting for it only when no actor is ready. All who publish in one
/// turn are answered in it: those who are answered a turn later fall behind for
/// good, and 16 publishers then need three times the writes of one group.
/// Sockets of clients are in the `poller`; all else (timers, signals, TLS) is
/// Asio's, whose own descriptor is one of those in the poller.
///
/// Handlers may be posted to `context()` on this thread only.
class loop final : public caf::execution_unit, public turn {
public:
  static constexpr std::chrono::microseconds time_per_turn{1000};
  static constexpr std::size_t messages_per_resume = 5;
  static constexpr std::size_t deliveries_per_turn = 4096; ///< resumes
  static constexpr std::size_t sends_together = 256;

  /// `most`: how long actors may run before sockets get a look; `together`: how
  /// many sends may be one system call, 0 for each its own.
  explicit loop(caf::actor_system& sys,
                std::chrono::microseconds most = time_per_turn,
                std::size_t together = sends_together);
  ~loop() override;

  boost::asio::io_context& context() noexcept {
    return context_;
  }

  poller& sockets() noexcept {
    return sockets_;
  }

  /// What leaves at the end of the turn.
  send_batch& sends() noexcept {
    return sends_;
  }
  const send_batch& sends() const noexcept {
    return sends_;
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
  /// Wakes the poller when something happened that Asio waits for.
  struct asio_source final : poll_source {
    void ready(std::uint32_t) override {
      happened = true;
    }
    bool happened = true;
  };

  void work();
  void run_ready();
  void deliver();
  void resume_first();
  void resume(caf::resumable* job);
  bool is_ready() const noexcept;
  bool run_asio();
  void take_remote();

  std::chrono::microseconds most_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    guard_{context_.get_executor()};
  asio_queue handlers_{context_};
  poller sockets_;
  send_batch sends_;
  asio_source asio_;
  std::deque<caf::resumable*> ready_;
  std::deque<caf::resumable*> waiting_; // empty but for within deliver()
  std::atomic<bool> stopped_{false};

  std::mutex mutex_; // guards remote_
  std::vector<caf::resumable*> remote_;
  std::atomic<bool> has_remote_{false};
  std::vector<caf::resumable*> taken_; // keeps its capacity
};

} // namespace saker::io

#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/execution_unit.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace saker::io {

/// Threads of their own for actors that may compute for long (scripts), so
/// that neither sockets nor supervisors ever wait for them. Actors are pinned
/// to it as to a `loop`; one actor runs on one thread at a time.
class pool final : public caf::execution_unit {
public:
  /// Starts `threads` threads.
  pool(caf::actor_system& sys, std::size_t threads);

  /// Stops and joins; call `abandon` first where a thread may be stuck.
  ~pool() override;

  /// Ends the threads that are idle within `patience` and leaves the others
  /// behind: the process is about to end. Returns how many are stuck.
  std::size_t abandon(std::chrono::milliseconds patience);

  /// Called by CAF. Any thread.
  void exec_later(caf::resumable* job) override;

  /// Adds a thread because one is stuck. Any thread.
  void grow();

private:
  void run();

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    guard_;
  std::mutex mutex_; // guards threads_ and running_
  std::condition_variable ended_;
  std::size_t running_ = 0;
  std::vector<std::thread> threads_;
};

} // namespace saker::io

#pragma once

#include "io/crew.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/execution_unit.hpp>

#include <atomic>
#include <cstddef>
#include <list>
#include <mutex>
#include <thread>

namespace saker::io {

/// Threads of their own for what may compute for long (scripts), so that
/// neither sockets nor supervisors ever wait for it. Takes jobs, and actors
/// that are pinned to it as to a `loop`; one of them runs on one thread at a
/// time.
class pool final : public caf::execution_unit, public crew {
public:
  /// Starts `threads` threads; at most `spare` more replace those that are
  /// stuck.
  pool(caf::actor_system& sys, std::size_t threads, std::size_t spare = 8);

  /// Waits for the jobs that run. Where one may be stuck for ever, the process
  /// ends without it.
  ~pool() override;

  /// Called by CAF. Any thread.
  void exec_later(caf::resumable* job) override;

  void run(std::function<void()> job) override;
  bool grow() override;
  void shrink() override;
  std::size_t able() const noexcept override;
  bool may_grow() const noexcept override;

private:
  void start();
  void work();
  bool leave();

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    guard_;
  const std::size_t wanted_;
  const std::size_t spare_;
  std::atomic<std::size_t> stuck_{0};
  std::atomic<std::size_t> surplus_{0};
  std::mutex mutex_; // guards threads_ and gone_
  std::list<std::thread> threads_;
  std::list<std::thread> gone_; // have nothing left to do but to be joined
};

} // namespace saker::io

#pragma once

#include "process/spawn.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace saker::keeper {

/// Waits for the report of one child between fork and exec, without holding
/// up anybody else. Drop it to stop waiting.
class birth {
public:
  /// What came of it: `spawn_done` or `spawn_failure`; `spawn_pending` says
  /// that the time is over.
  using callback = std::function<void(const process::spawn_progress&)>;

  /// Calls `done` once, never from within the constructor.
  birth(boost::asio::io_context& io, process::spawn_report report,
        std::chrono::milliseconds limit, callback done);

  birth(const birth&) = delete;
  birth& operator=(const birth&) = delete;

  ~birth();

  /// What the report says so far; for a child that has ended.
  process::spawn_progress read() {
    return report_.read();
  }

private:
  void wait();

  process::spawn_report report_;
  boost::asio::posix::stream_descriptor readable_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<callback> done_; ///< empty once called or dropped
};

} // namespace saker::keeper

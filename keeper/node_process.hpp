#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "keeper/birth.hpp"
#include "keeper/node_rules.hpp"
#include "keeper/reaper.hpp"
#include "process/spawn.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace saker::keeper {

/// One run of the node after the other. Each is the leader of a session of
/// its own and dies with the keeper.
class node_process {
public:
  struct events {
    /// A start failed; `ended` follows unless nothing was forked.
    std::function<void(const std::string& why)> failed;

    std::function<void(const node_end&)> ended;
  };

  node_process(boost::asio::io_context& io, process::spawner& spawn,
               reaper& reaping, std::vector<std::string> argv, events what)
    : io_(io), spawn_(spawn), reaper_(reaping), argv_(std::move(argv)),
      events_(std::move(what)), pidfd_(io) {
    // nop
  }

  /// Starts a run; `link` becomes descriptor 3 of it. Only while none runs.
  /// False: nothing was forked; `failed` was called.
  bool start(const unique_fd& link, int oom_score);

  /// Sends a signal; harmless while none runs.
  void signal(int number);

  /// 0 while none runs.
  pid_t pid() const noexcept {
    return pid_;
  }

  bool runs() const noexcept {
    return pid_ != 0;
  }

private:
  void watch_setup(process::spawn_report report);
  void watch_end();

  boost::asio::io_context& io_;
  process::spawner& spawn_;
  reaper& reaper_;
  std::vector<std::string> argv_;
  events events_;
  pid_t pid_ = 0;
  boost::asio::posix::stream_descriptor pidfd_;
  std::unique_ptr<birth> setup_;
};

} // namespace saker::keeper

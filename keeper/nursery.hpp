#pragma once

#include "keeper/birth.hpp"
#include "keeper/logger.hpp"
#include "keeper/outputs.hpp"
#include "keeper/reaper.hpp"
#include "keeper/table.hpp"
#include "process/spawn.hpp"
#include "process/wait.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>

namespace saker::keeper {

/// The living children: their start, their signals, their end. Every change
/// goes through the table; `changed` is called when the image must be saved,
/// before anything that depends on it happens.
class nursery {
public:
  struct events {
    std::function<void()> changed;
    std::function<void(entry&)> running; ///< `exec` is done
    std::function<void(entry&)> over;    ///< the row is exited
    std::function<void(const link::orphan&)> orphan;
  };

  nursery(boost::asio::io_context& io, process::spawner& spawn, table& rows,
          outputs& out, logger& log, events what);

  /// From now on the ends of all children are heard.
  void start_reaping() {
    reaper_.start();
  }

  /// Puts the start of a queued row in line: one fork per turn of the loop.
  void enqueue(entry& row, process::spec what,
               std::chrono::milliseconds start_timeout);

  /// Fails: `not_found` without a living child, `refused` for a signal that a
  /// child which is not forked yet cannot get.
  result<void> signal(entry& row, int number, bool group);

  /// A child of an earlier keeper lives on.
  void adopt(entry& row, unique_fd pidfd);

  /// The leader of an earlier keeper's child is gone: ends what it left.
  void bury(entry& row);

  /// The node is not a child of this nursery, but a child.
  reaper& reaping() noexcept {
    return reaper_;
  }

private:
  struct child {
    explicit child(boost::asio::io_context& io) : pidfd(io), timer(io) {
      // nop
    }

    std::uint64_t spawn_id = 0;
    pid_t pid = 0;
    boost::asio::posix::stream_descriptor pidfd;
    boost::asio::steady_timer timer; ///< a stranger's exit status
    std::unique_ptr<birth> setup;    ///< until `exec` is confirmed
    std::optional<process::spawn_failure> failure;
    std::string failed_step; ///< one that is not the spawner's
    link::end_record end;
  };

  using child_ptr = std::shared_ptr<child>;

  struct waiting {
    std::string key;
    std::uint64_t spawn_id;
    process::spec what;
    std::chrono::milliseconds start_timeout;
  };

  void fork_next();
  void fork(entry& row, waiting what);
  void
  watch_setup(const std::string& key, child& x, process::spawn_report report,
              std::chrono::milliseconds limit);
  void set_up(const std::string& key, const process::spawn_progress& progress);
  void watch_end(const std::string& key, const child_ptr& x);
  void ended(entry& row, const child_ptr& x);
  void stranger_ended(const std::string& key, const child_ptr& x, int tries);
  void clear_up(entry& row, child& x);
  void
  cleared_up(const reaper::departure& what, unsigned killed, unsigned stuck);
  void finish(entry& row, link::end_record how);
  void fail_start(entry& row, const process::spawn_failure& why);
  void tell_orphan(const reaper::departure& what, pid_t pid);
  child_ptr find(const std::string& key, std::uint64_t spawn_id) const;

  boost::asio::io_context& io_;
  process::spawner& spawn_;
  table& rows_;
  outputs& outputs_;
  logger& log_;
  events events_;
  reaper reaper_;
  std::deque<waiting> queue_;
  std::unordered_map<std::string, child_ptr> children_;
};

} // namespace saker::keeper

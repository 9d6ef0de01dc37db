#pragma once

#include "keeper/birth.hpp"
#include "keeper/descendants.hpp"
#include "keeper/logger.hpp"
#include "keeper/outputs.hpp"
#include "keeper/ownership.hpp"
#include "keeper/reaper.hpp"
#include "keeper/table.hpp"
#include "process/spawn.hpp"
#include "process/wait.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

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
    std::function<void()> gone;          ///< it is not, as its node is gone
    std::function<void(entry&)> left;    ///< the row is seeking
    std::function<void(const link::orphan&)> orphan;
  };

  nursery(boost::asio::io_context& io, process::spawner& spawn,
          const ownership& ours, table& rows, outputs& out, logger& log,
          events what);

  /// From now on the ends of all children are heard.
  void start_reaping() {
    reaper_.start();
  }

  /// Puts the start of a queued row in line: one fork per turn of the loop. The
  /// sockets become 3, 4… of the child.
  void enqueue(entry& row, process::spec what,
               std::chrono::milliseconds start_timeout,
               std::vector<unique_fd> sockets);

  /// Fails: `not_found` without a living child, `refused` for a signal that a
  /// child which is not forked yet cannot get.
  result<void> signal(entry& row, int number, bool group);

  /// The process of the row, a daemon's, is known now.
  void take(entry& row, unique_fd pidfd);

  /// Whether that process descends from what this spawn-id started.
  bool is_kin(const process::instance_marker& x, pid_t pid) const;

  /// There is no process that a seeking row could go on as.
  void give_up(entry& row);

  /// A child of an earlier keeper lives on.
  void adopt(entry& row, unique_fd pidfd);

  /// The leader of an earlier keeper's child is gone: ends what it left.
  void bury(entry& row);

  /// The node is not a child of this nursery, but a child.
  reaper& reaping() noexcept {
    return reaper_;
  }

private:
  /// What is needed only once something has gone wrong or come to its end.
  struct aftermath {
    explicit aftermath(boost::asio::io_context& io) : timer(io) {
      // nop
    }

    std::optional<process::spawn_failure> failure;
    std::string step; ///< of the failure, when it is not the spawner's
    link::end_record end;
    boost::asio::steady_timer timer; ///< for a stranger's exit status
  };

  /// Smaller than with the executor that Asio takes if not told.
  using descriptor = boost::asio::posix::basic_stream_descriptor<
    boost::asio::io_context::executor_type>;

  /// There may be 10 000 of these.
  struct child {
    child(boost::asio::io_context& io, entry& of) : row(&of), pidfd(io) {
      // nop
    }

    entry* row; ///< null once it is over
    pid_t pid = 0;
    descriptor pidfd;
    std::unique_ptr<birth> setup; ///< until `exec` is confirmed
    std::unique_ptr<aftermath> late;
  };

  using child_ptr = std::shared_ptr<child>;

  struct waiting {
    std::string key;
    std::uint64_t spawn_id;
    process::spec what;
    std::chrono::milliseconds start_timeout;
    std::vector<unique_fd> sockets;
  };

  child_ptr add(entry& row, pid_t pid, unique_fd pidfd);
  result<void> signal_group(child& x, int number);
  void signal_family(const child& x, int number);
  std::vector<relation> family_members(const child& x) const;
  void fork_next();
  void fork(entry& row, waiting what);
  void watch_setup(const child_ptr& x, process::spawn_report report,
                   std::chrono::milliseconds limit);
  void set_up(child& x, const process::spawn_progress& progress);
  void watch_end(const child_ptr& x);
  void ended(const child_ptr& x);
  void stranger_ended(const child_ptr& x, int tries);
  void leader_over(child& x, link::end_record how);
  void leave(child& x, link::end_record how);
  void clear_up(child& x, link::end_record how);
  void take_usage(child& x, link::end_record& how);
  void cleared_up(const departure& what, unsigned killed, unsigned stuck);
  void finish(entry& row, link::end_record how);
  void tell_orphan(const departure& what, pid_t pid);
  void tell_stray(pid_t pid);
  child_ptr find(const entry& row) const;

  boost::asio::io_context& io_;
  process::spawner& spawn_;
  const ownership& ours_;
  table& rows_;
  outputs& outputs_;
  logger& log_;
  events events_;
  reaper reaper_;
  std::deque<waiting> queue_;
  std::unordered_map<const entry*, child_ptr> children_;
};

} // namespace saker::keeper

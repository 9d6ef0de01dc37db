#pragma once

#include "keeper/ownership.hpp"
#include "link/end.hpp"
#include "process/proc_table.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <set>
#include <string>
#include <unordered_set>

#include <sys/types.h>

namespace saker::keeper {

/// Leaves no zombie behind and finds what a child left behind. The keeper is
/// a subreaper: descendants whose parents ended become its children.
///
/// A list of all children costs 9 ms at 10 000 of them, so it is read only
/// when something ended, once for all that ended, and at most a fifth of the
/// time goes into it.
class reaper {
public:
  /// The leader of a child has ended. If it is ours it stays a zombie until
  /// `done`, so that neither its pid nor its group can belong to others.
  struct departure {
    std::string key;
    std::uint64_t spawn_id = 0;
    pid_t leader = 0;        ///< 0: unknown, and so is its session
    bool kill = true;        ///< end what was left behind, else tell of it
    bool stranger = false;   ///< the leader was not our child
    std::uint64_t ended = 0; ///< stranger: in ticks since boot
  };

  struct events {
    /// Nothing of it is left, or `stuck` processes do not die. `killed`
    /// processes were ended.
    std::function<void(const departure&, unsigned killed, unsigned stuck)> done;

    /// It outlived its leader and was left alone.
    std::function<void(const departure&, pid_t)> orphan;
  };

  /// `ours` must outlive the reaper.
  reaper(boost::asio::io_context& io, const ownership& ours, events what);

  /// From now on the ends of children are heard.
  void start();

  /// Pids whose end somebody else waits for.
  void track(pid_t pid) {
    tracked_.insert(pid);
  }

  void untrack(pid_t pid) {
    tracked_.erase(pid);
  }

  void depart(departure what);

private:
  /// One departure while its remains are being looked for.
  struct search {
    departure what;
    link::stamp until{0};
    std::set<pid_t> found; ///< signalled, or told
    unsigned killed = 0;
    unsigned alive = 0; ///< seen in this sweep
  };

  void on_sigchld();
  void check();
  void sweep_in(std::chrono::nanoseconds delay);
  void sweep();
  void visit_child(pid_t pid);
  void visit_stranger(const process::proc_entry& seen);
  void found(search& x, pid_t pid);
  void bury(pid_t pid);
  search* owner_of(pid_t pid);
  void settle();

  const ownership& ours_;
  events events_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer check_timer_;
  boost::asio::steady_timer sweep_timer_;
  link::stamp planned_{0};    ///< of the next sweep; 0: none
  link::stamp next_sweep_{0}; ///< not earlier
  std::unordered_set<pid_t> tracked_;
  std::list<search> searches_;
};

} // namespace saker::keeper

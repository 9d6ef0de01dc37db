#pragma once

#include "keeper/lineage.hpp"
#include "keeper/search.hpp"
#include "process/proc_stat.hpp"
#include "process/proc_table.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <list>
#include <optional>

namespace saker::keeper {

/// Leaves no zombie behind and finds what a child left behind. The keeper is
/// a subreaper: descendants whose parents ended become its children.
///
/// A list of all children costs 9 ms at 10 000 of them, so it is read only
/// when something ended, once for all that ended, and at most a fifth of the
/// time goes into it.
class reaper {
public:
  struct events {
    /// Nothing of it is left, or `stuck` processes do not die. `killed`
    /// processes were ended.
    std::function<void(const departure&, unsigned killed, unsigned stuck)> done;

    /// It outlived its leader and was left alone.
    std::function<void(const departure&, pid_t)> orphan;

    /// It became our child, and nobody knows whose it was.
    std::function<void(pid_t)> stray;
  };

  /// `ours` must outlive the reaper.
  reaper(boost::asio::io_context& io, const ownership& ours, events what);

  /// From now on the ends of children are heard. Those that are there already
  /// are not ours: who became this program by `exec` had them.
  void start();

  /// A child whose end somebody else waits for; `of` 0: it has no family.
  void track(pid_t pid, family of) {
    kin_.forget(pid);
    kin_.add_leader(pid, of);
  }

  void untrack(pid_t pid) {
    kin_.remove_leader(pid);
  }

  bool is_leader(pid_t pid) const {
    return kin_.is_leader(pid);
  }

  /// A family whose leader left, and will be followed by another process.
  void hold(family of) {
    kin_.hold(of);
  }

  void let_go(family of) {
    kin_.let_go(of);
  }

  /// What is known about a child, whether it was started here or came later; 0:
  /// nothing.
  family known_family(pid_t pid) const {
    return kin_.of_session(pid);
  }

  void depart(departure what);

  /// Ends every process that became ours and may not stay; for the end, when
  /// no family lives. Calls `done` once, when none is left or does not die.
  void clear_out(std::function<void()> done);

private:
  void on_sigchld();
  void check();
  void sweep_in(std::chrono::nanoseconds delay);
  void sweep();
  void visit_child(pid_t pid);
  void visit_stranger(const process::proc_entry& seen);
  bool is_one_of(const search& x, const process::proc_entry& seen) const;
  void found(search& x, pid_t pid);
  void belongs_to_nobody(lineage::relative& x, pid_t pid);
  void bury(pid_t pid);
  lineage::relative& look_at(pid_t pid, const process::proc_stat& about);
  family family_of(family inherited, pid_t session) const;
  family explain(std::uint64_t started) const;
  search* search_of(family of);
  void doubt_all();
  void settle();

  const ownership& ours_;
  events events_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer check_timer_;
  boost::asio::steady_timer sweep_timer_;
  link::stamp planned_{0};    ///< of the next sweep; 0: none
  link::stamp next_sweep_{0}; ///< not earlier
  bool look_again_ = false;   ///< somebody may turn out to belong to nobody
  lineage kin_;
  std::list<search> searches_;
  std::optional<search> last_; ///< for all that is left
  std::function<void()> cleared_out_;
};

} // namespace saker::keeper

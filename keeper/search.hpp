#pragma once

#include "keeper/ownership.hpp"
#include "link/end.hpp"

#include <cstdint>
#include <set>
#include <string>

#include <sys/types.h>

namespace saker::keeper {

/// The leader of a child has ended. If it is ours it stays a zombie until
/// nothing is left of its family, so that neither its pid nor its group can
/// belong to others.
struct departure {
  std::string key;
  std::uint64_t spawn_id = 0;
  family of = 0;
  pid_t leader = 0;          ///< 0: unknown, and so is its session
  bool kill = true;          ///< end what was left behind, else tell of it
  bool stranger = false;     ///< the leader was not our child
  bool background = false;   ///< it ended as one that goes there does
  std::uint64_t started = 0; ///< in ticks since boot
  std::uint64_t ended = 0;
};

/// One departure while its remains are looked for: sweep after sweep over our
/// children. Pure.
///
/// A process that is a zombie when we get there may have had a child that came
/// to us after the list was read. So it is over only after a whole sweep that
/// met nobody of the family, dead or alive, and nobody unknown.
class search {
public:
  explicit search(departure what, link::stamp until)
    : what_(std::move(what)), until_(until) {
    // nop
  }

  const departure& what() const noexcept {
    return what_;
  }

  void begin_sweep();

  /// It lives. Returns whether that is new.
  bool meet(pid_t pid);

  /// It is dead; `by_us`: as one that was killed is.
  void bury(pid_t pid, bool by_us);

  /// Somebody came or went who may be one of them.
  void doubt() noexcept {
    quiet_ = false;
  }

  /// Whether somebody unknown probably came from here: born while a leader
  /// lived that then ended as one does whose program goes into the background.
  bool explains(std::uint64_t started) const noexcept {
    return what_.background && started >= what_.started
           && started <= what_.ended;
  }

  /// Whether somebody in that session is one of them.
  bool has_session(pid_t session) const {
    return session > 0 && (session == what_.leader || met_.count(session) > 0);
  }

  /// Ask after each sweep.
  bool over(link::stamp now) const noexcept {
    return quiet_ || now >= until_;
  }

  /// How many were killed, and how many did not die.
  unsigned killed() const noexcept {
    return killed_;
  }

  unsigned alive() const noexcept {
    return alive_;
  }

private:
  departure what_;
  link::stamp until_;
  std::set<pid_t> met_;
  bool began_ = false;
  bool quiet_ = false; ///< in this sweep
  unsigned alive_ = 0; ///< in this sweep
  unsigned killed_ = 0;
};

} // namespace saker::keeper

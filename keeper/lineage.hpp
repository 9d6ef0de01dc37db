#pragma once

#include "keeper/ownership.hpp"
#include "link/end.hpp"

#include <unordered_map>
#include <unordered_set>

#include <sys/types.h>

namespace saker::keeper {

/// Our children: those we started, which lead a family, and those that came to
/// us when their parents ended. Pure.
///
/// What was once found out about a process stays known until it is reaped:
/// it may write over its environment and leave its session.
class lineage {
public:
  /// A child that we did not start.
  struct relative {
    family of = 0;
    bool spared = false; ///< never to be killed
    bool told = false;   ///< that it belongs to nobody
    unsigned looks = 0;
    link::stamp met{0}; ///< for the first time
  };

  /// `of` 0: it has no family (the node).
  void add_leader(pid_t pid, family of);
  void remove_leader(pid_t pid);

  bool is_leader(pid_t pid) const {
    return leaders_.count(pid) > 0;
  }

  /// It lives on while it has no leader, until it is let go.
  void hold(family of) {
    held_.insert(of);
  }

  void let_go(family of) {
    held_.erase(of);
  }

  /// Whether a leader of that family is left, or it is held.
  bool lives(family of) const {
    return of != 0 && (living_.count(of) > 0 || held_.count(of) > 0);
  }

  /// The family that somebody in this session belongs to, or 0.
  family of_session(pid_t session) const;

  /// What is known about a child that was just looked at.
  relative& meet(pid_t pid, link::stamp now);

  /// Null: never met.
  const relative* find(pid_t pid) const;

  /// It is reaped.
  void forget(pid_t pid) {
    relatives_.erase(pid);
  }

private:
  std::unordered_map<pid_t, family> leaders_;
  std::unordered_set<family> living_;
  std::unordered_set<family> held_;
  std::unordered_map<pid_t, relative> relatives_;
};

} // namespace saker::keeper

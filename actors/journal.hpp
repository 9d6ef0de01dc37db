#pragma once

#include "actors/journal_store.hpp"
#include "messages/journal_actor.hpp"
#include "supervision/sequencer.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace saker {

/// What the JOURNAL is given at the start.
struct journal_links {
  std::shared_ptr<journal_store> store;
  std::shared_ptr<supervision::sequencer> sequencer;
  std::string boot; ///< id of this boot of the machine
  std::function<void(const std::string&)> warn; ///< a line in the log
};

struct journal_state {
  using pointer = journal_actor::pointer;

  explicit journal_state(pointer owner) : self(owner) {
    // nop
  }

  caf::result<bool> want(const wanted_list& what);
  caf::result<bool> set(const setting_list& what);
  caf::result<bool> forget(const std::vector<std::string>& names);
  void reserve(const supervision::reservation& what);

  static inline const char* name = "journal";

  pointer self;
  journal_links links;

private:
  bool reserve_fails_ = false;

  caf::result<bool> answer(const result<void>& how);
};

/// The JOURNAL. Spawned detached: the disk may take its time.
///
/// | message          | reply  | meaning                                     |
/// |------------------|--------|---------------------------------------------|
/// | `want`, list     | `true` | on the disk: all or none                    |
/// | `want`, settings | `true` | likewise                                    |
/// | `forget`, names  | `true` | forgotten on the disk                       |
/// | `reserve`, what  | —      | the sequencer is told when it is on the disk|
///
/// Fails: `errc::io` (disk full…), nothing is stored then.
/// Quits: never by itself. Time: none.
journal_actor::behavior_type
journal(journal_actor::stateful_pointer<journal_state> self,
        journal_links links);

} // namespace saker

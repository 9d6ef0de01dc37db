#pragma once

#include "actors/event_shelf.hpp"
#include "actors/journal_store.hpp"
#include "messages/journal_actor.hpp"
#include "supervision/sequencer.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace saker {

/// What the JOURNAL is given at the start.
struct journal_links {
  std::shared_ptr<journal_store> store;
  std::shared_ptr<supervision::sequencer> sequencer;
  std::string boot; ///< id of this boot of the machine
  std::function<void(const std::string&)> warn; ///< a line in the log
  /// Events that are to be stored; wakes the JOURNAL with `pump`.
  std::shared_ptr<supervision::history_queue> events;
  std::uint64_t keep_events = 100'000;
  std::chrono::milliseconds keep_time = std::chrono::hours{24 * 30};
  std::string node;
  std::function<std::int64_t()> unix_ms;
  /// Who did what, likewise; null: nobody asks.
  std::shared_ptr<supervision::history_queue> audits = {};
  std::uint64_t keep_audits = 10'000;
  std::chrono::milliseconds keep_audits_time = std::chrono::hours{24 * 90};
};

struct journal_state {
  using pointer = journal_actor::pointer;

  explicit journal_state(pointer owner) : self(owner) {
    // nop
  }

  void begin(journal_links with);

  caf::result<bool> want(const wanted_list& what);
  caf::result<bool> set(const setting_list& what);
  caf::result<bool> forget(const std::vector<std::string>& names);
  void reserve(const supervision::reservation& what);
  caf::result<past_events>
  query(const std::vector<std::string>& keys, std::uint32_t count);
  caf::result<past_events> query(const supervision::past_page& asked);
  caf::result<past_events> query(const std::string& user, std::uint32_t count);
  void pump();

  static inline const char* name = "journal";

  pointer self;
  journal_links links;

private:
  void store_all();

  bool reserve_fails_ = false;
  std::optional<event_shelf> events_;
  std::optional<event_shelf> audits_;

  caf::result<bool> answer(const result<void>& how);
  caf::result<past_events> answer(result<std::vector<past_event>> found);
};

/// The JOURNAL. Spawned detached: the disk may take its time.
///
/// | message          | reply  | meaning                                     |
/// |------------------|--------|---------------------------------------------|
/// | `want`, list     | `true` | on the disk: all or none                    |
/// | `want`, settings | `true` | likewise                                    |
/// | `forget`, names  | `true` | forgotten on the disk                       |
/// | `reserve`, what  | —      | the sequencer is told when it is on the disk|
/// | `query`, keys, n | events | the last ones, those that wait are stored   |
/// | `query`, page    | events | the first ones behind a number, likewise    |
/// | `query`, user, n | events | who did what, likewise                      |
/// | `pump`           | —      | store the events that wait                  |
///
/// Fails: `errc::io` (disk full…), nothing is stored then. Events that cannot
/// be stored are lost; the next one that can comes with a `gap`, which counts
/// them.
/// Quits: never by itself. Time: none.
journal_actor::behavior_type
journal(journal_actor::stateful_pointer<journal_state> self,
        journal_links links);

} // namespace saker

#pragma once

#include "base/result.hpp"
#include "link/answer.hpp"
#include "link/request.hpp"
#include "process/identity.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::keeper {

using link::stamp;

/// One row of the table: what the keeper knows of one key.
struct entry {
  std::string key;
  std::uint64_t spawn_id = 0;
  link::child_class kind = link::child_class::service;
  link::row_state state = link::row_state::idle;
  link::kill_mode kill = link::kill_mode::tree;
  link::output_mode output = link::output_mode::none;
  std::string stop;      ///< ladder
  std::string user;      ///< whom the child runs as; empty: as the keeper
  process::identity who; ///< pid 0: none
  stamp started{0};
  bool adopted = false;
  std::string note;
  link::end_record end; ///< while state is exited
  // What follows is not in the image.
  bool stranger = false;  ///< adopted, and never was our child
  bool dropped = false;   ///< a job of a node that is gone: no record is kept
  bool seen = false;      ///< this node sent SEEN for the end
  stamp told{0};          ///< when this node was told of the end; 0: not yet
  std::uint32_t slot = 0; ///< of the image

  bool living() const noexcept {
    using link::row_state;
    return state != row_state::idle && state != row_state::exited;
  }

  /// Lives, and it is known as what: `who`, unless that is not forked yet.
  bool has_process() const noexcept {
    return living() && state != link::row_state::seeking;
  }
};

/// The rows, and the only code that changes them: what is asked and happens is
/// in table.cpp, rows and their slots are in table_rows.cpp. Pure: no clock, no
/// files, no processes; the caller does what has to happen and tells it here.
///
/// | state    | event         | next state                               |
/// |----------|---------------|------------------------------------------|
/// | idle     | start         | queued                                   |
/// | queued   | forked        | spawning                                 |
/// | queued   | over (failed) | exited                                   |
/// | spawning | confirmed     | running; a daemon stays: its program is  |
/// |          |               | to leave                                 |
/// | spawning | over (failed) | exited                                   |
/// | spawning,| left          | seeking; of a daemon only                |
/// | running  |               |                                          |
/// | none,    | adopt         | running; of a daemon only                |
/// | spawning,|               |                                          |
/// | seeking  |               |                                          |
/// | spawning,| leader_ended  | ending                                   |
/// | running, |               |                                          |
/// | seeking  |               |                                          |
/// | any alive| over          | exited; job of a gone node: idle, erased |
/// | exited   | acknowledge   | idle, erased without a note              |
///
/// Every other pair changes nothing or is refused. A row that is idle and has
/// no note is erased.
class table {
public:
  using rows = std::map<std::string, entry, std::less<>>;

  /// Slots that must be written; a slot without a row must be cleared.
  struct changes {
    std::vector<std::uint32_t> slots;
    bool header = false; ///< last_spawn_id() has changed
  };

  static constexpr std::size_t max_rows = 100'000;

  /// SPAWN: refused for a living child (`already_exists`), a record without
  /// ACK (`busy`), an old spawn-id (`refused`), too many rows (`limit`).
  result<entry*> start(const link::spawn& what, stamp now);

  /// ADOPT: that process is the child. Refused when another row has it
  /// (`refused`), while another process is the child (`busy`), and as a start
  /// where there is no child.
  result<entry*> adopt(const link::adopt& what, const process::identity& who);

  /// The child exists.
  void forked(entry& row, const process::identity& who, stamp now);

  /// `exec` is confirmed.
  void confirmed(entry& row);

  /// The process of a daemon is gone, but that may not be its end.
  void left(entry& row, link::end_record how);

  /// The leader is dead and not reaped; its group is being killed.
  void leader_ended(entry& row);

  /// Nothing is left of the child. Returns false if the row is erased.
  bool over(entry& row, link::end_record how);

  /// NOTE: `limit` for too many rows. An empty note is none.
  result<void> note(std::string_view key, std::string_view bytes);

  /// FORGET: refused while a child lives. True if there was a row.
  result<bool> forget(std::string_view key);

  /// SEEN and ACK; nothing happens if they do not fit.
  void seen(std::string_view key, std::uint64_t spawn_id);
  void acknowledge(std::string_view key, std::uint64_t spawn_id);

  /// This node was told of the end of `row`.
  void told(entry& row, stamp now);

  /// The earliest end that was told and not SEEN.
  std::optional<stamp> oldest_unseen() const noexcept;

  /// The node is gone: what it was told and saw counts no more, the ends of
  /// its jobs are dropped, and its living jobs (returned) must be killed.
  std::vector<std::string> node_gone();

  /// Puts a row of an image back. False if its key or slot is taken.
  bool restore(entry row);
  void restore_last_spawn_id(std::uint64_t x) noexcept;

  /// A living row of an earlier keeper is looked after again.
  void adopted(entry& row, const process::identity& who);

  /// Makes a row for a child that no row told of, to be adopted. Fails with
  /// `limit` for too many rows, `already_exists`.
  result<entry*> add_lost(entry row);

  entry* find(std::string_view key) noexcept;
  const entry* find(std::string_view key) const noexcept;

  const rows& all() const noexcept {
    return rows_;
  }

  rows& all() noexcept {
    return rows_;
  }

  /// The row of a slot, or null.
  const entry* in_slot(std::uint32_t slot) const noexcept;

  std::size_t living() const noexcept {
    return living_;
  }

  std::uint64_t last_spawn_id() const noexcept {
    return last_spawn_id_;
  }

  /// What changed since the last call.
  changes take_changes();

private:
  result<void> may_start(std::string_view key, std::uint64_t spawn_id) const;
  const entry* holder_of(const process::identity& who) const;
  void begin(entry& row, std::uint64_t spawn_id);
  result<entry*> row_for(std::string_view key);
  void enter(entry& row, link::row_state next);
  void touch(const entry& row);
  bool erase_if_empty(entry& row);
  void erase(entry& row);

  rows rows_;
  std::vector<entry*> slots_; ///< slot - 1 → row; slot 0 is the header
  std::vector<std::uint32_t> free_;
  changes changes_;
  std::size_t living_ = 0;
  std::size_t unseen_ = 0; ///< ends that were told and not SEEN
  std::uint64_t last_spawn_id_ = 0;
};

} // namespace saker::keeper

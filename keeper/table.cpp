#include "keeper/table.hpp"

#include "process/proc_stat.hpp"

#include <algorithm>
#include <utility>

namespace saker::keeper {

using link::row_state;

// -- requests -----------------------------------------------------------------

result<entry*> table::start(const link::spawn& what, stamp now) {
  if (auto free = may_start(what.key, what.spawn_id); !free)
    return free.error();
  auto row = row_for(what.key);
  if (!row)
    return row;
  auto& x = **row;
  begin(x, what.spawn_id);
  x.kind = what.kind;
  x.kill = what.kill;
  x.output = what.output;
  x.stop = what.stop;
  x.user = what.what.user;
  x.started = now;
  enter(x, row_state::queued);
  return row;
}

result<entry*>
table::adopt(const link::adopt& what, const process::identity& who) {
  auto pid = "pid " + std::to_string(who.pid);
  auto old = find(what.key);
  auto same = old && old->living() && old->spawn_id == what.spawn_id
              && old->kind == link::child_class::daemon;
  if (auto holder = holder_of(who); holder && holder != old)
    return fail(errc::refused, pid + " is the child of " + holder->key);
  if (same && old->state != row_state::seeking && old->who != who)
    return fail(errc::busy, what.key + ": pid " + std::to_string(old->who.pid)
                              + " is its child and lives");
  if (same && old->state == row_state::ending)
    return fail(errc::busy, what.key + " is ending");
  if (auto free = may_start(what.key, what.spawn_id); !same && !free)
    return free.error();
  auto row = row_for(what.key);
  if (!row)
    return row;
  auto& x = **row;
  if (!same) {
    begin(x, what.spawn_id);
    x.kind = link::child_class::daemon;
    x.kill = what.kill;
    x.output = link::output_mode::none;
    x.stop = what.stop;
    x.user.clear();
  }
  x.who = who;
  x.started = process::since_boot(who.start_time);
  x.adopted = false;
  x.end = {};
  enter(x, row_state::running);
  return row;
}

result<void> table::note(std::string_view key, std::string_view bytes) {
  if (bytes.empty() && !find(key))
    return {};
  auto row = row_for(key);
  if (!row)
    return row.error();
  (*row)->note = bytes;
  touch(**row);
  erase_if_empty(**row);
  return {};
}

result<bool> table::forget(std::string_view key) {
  auto row = find(key);
  if (!row)
    return false;
  if (row->living())
    return fail(errc::refused, std::string{key} + " has a living child (pid "
                                 + std::to_string(row->who.pid)
                                 + "): stop it first");
  erase(*row);
  return true;
}

void table::seen(std::string_view key, std::uint64_t spawn_id) {
  auto row = find(key);
  if (!row || row->state != row_state::exited || row->spawn_id != spawn_id
      || row->seen)
    return;
  if (row->told.count() > 0)
    --unseen_;
  row->seen = true;
}

void table::acknowledge(std::string_view key, std::uint64_t spawn_id) {
  auto row = find(key);
  if (!row || row->state != row_state::exited || row->spawn_id != spawn_id)
    return;
  seen(key, spawn_id);
  row->end = {};
  row->who = {};
  enter(*row, row_state::idle);
  erase_if_empty(*row);
}

// -- events -------------------------------------------------------------------

void table::forked(entry& row, const process::identity& who, stamp now) {
  row.who = who;
  row.started = now;
  enter(row, row_state::spawning);
}

void table::confirmed(entry& row) {
  if (row.state == row_state::spawning && row.kind != link::child_class::daemon)
    enter(row, row_state::running);
}

void table::left(entry& row, link::end_record how) {
  if (row.kind != link::child_class::daemon
      || (row.state != row_state::running && row.state != row_state::spawning))
    return;
  row.end = std::move(how);
  enter(row, row_state::seeking);
}

void table::leader_ended(entry& row) {
  if (row.state == row_state::running || row.state == row_state::spawning
      || row.state == row_state::seeking)
    enter(row, row_state::ending);
}

bool table::over(entry& row, link::end_record how) {
  if (!row.living())
    return true;
  row.end = std::move(how);
  row.seen = false;
  row.told = {};
  if (!row.dropped) {
    enter(row, row_state::exited);
    return true;
  }
  enter(row, row_state::idle);
  return !erase_if_empty(row);
}

void table::told(entry& row, stamp now) {
  if (row.state != row_state::exited || row.seen)
    return;
  if (row.told.count() == 0)
    ++unseen_;
  row.told = now;
}

std::optional<stamp> table::oldest_unseen() const noexcept {
  std::optional<stamp> oldest;
  if (unseen_ == 0)
    return oldest;
  for (auto& [key, row] : rows_)
    if (row.state == row_state::exited && !row.seen && row.told.count() > 0
        && (!oldest || row.told < *oldest))
      oldest = row.told;
  return oldest;
}

std::vector<std::string> table::node_gone() {
  std::vector<std::string> jobs;
  std::vector<entry*> ended_jobs;
  for (auto& [key, row] : rows_) {
    row.seen = false;
    row.told = {};
    if (row.kind != link::child_class::job)
      continue;
    if (row.living()) {
      row.dropped = true;
      jobs.push_back(key);
    } else if (row.state == row_state::exited) {
      ended_jobs.push_back(&row);
    }
  }
  unseen_ = 0;
  for (auto row : ended_jobs)
    acknowledge(row->key, row->spawn_id);
  return jobs;
}

// -- helpers ------------------------------------------------------------------

/// Whether the key has room for a child of that number.
result<void>
table::may_start(std::string_view key, std::uint64_t spawn_id) const {
  auto old = find(key);
  std::string name{key};
  if (old && old->living())
    return fail(errc::already_exists, name + " has a living child (spawn-id "
                                        + std::to_string(old->spawn_id) + ")");
  if (old && old->state == row_state::exited)
    return fail(errc::busy, name + ": the end of spawn-id "
                              + std::to_string(old->spawn_id)
                              + " is not acknowledged: ACK it first");
  // Of one key only: the node's supervisors number and send side by side.
  if (auto before = old ? old->spawn_id : 0; spawn_id <= before)
    return fail(errc::refused, name + ": spawn-id " + std::to_string(spawn_id)
                                 + " is not larger than "
                                 + std::to_string(before));
  return {};
}

const entry* table::holder_of(const process::identity& who) const {
  for (auto& [key, row] : rows_)
    if (row.has_process() && row.who == who)
      return &row;
  return nullptr;
}

/// Nothing is left of the child before.
void table::begin(entry& row, std::uint64_t spawn_id) {
  row.spawn_id = spawn_id;
  row.who = {};
  row.adopted = row.stranger = row.dropped = false;
  row.end = {};
  last_spawn_id_ = std::max(last_spawn_id_, spawn_id);
  changes_.header = true;
}

} // namespace saker::keeper

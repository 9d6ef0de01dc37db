#include "keeper/table.hpp"

#include <algorithm>
#include <utility>

namespace saker::keeper {

using link::row_state;

// -- images -------------------------------------------------------------------

bool table::restore(entry row) {
  if (row.slot == 0 || row.slot > max_rows || find(row.key))
    return false;
  if (slots_.size() < row.slot) {
    for (auto i = slots_.size() + 1; i < row.slot; ++i)
      free_.push_back(static_cast<std::uint32_t>(i));
    slots_.resize(row.slot, nullptr);
  } else {
    auto free = std::find(free_.begin(), free_.end(), row.slot);
    if (free == free_.end())
      return false;
    free_.erase(free);
  }
  last_spawn_id_ = std::max(last_spawn_id_, row.spawn_id);
  auto slot = row.slot;
  auto [at, _] = rows_.emplace(row.key, std::move(row));
  slots_[slot - 1] = &at->second;
  if (at->second.living())
    ++living_;
  return true;
}

void table::restore_last_spawn_id(std::uint64_t x) noexcept {
  last_spawn_id_ = std::max(last_spawn_id_, x);
}

void table::adopted(entry& row, const process::identity& who) {
  if (!row.living())
    return;
  row.who = who;
  row.adopted = true;
  row.dropped = row.kind == link::child_class::job;
  auto leaves = row.kind == link::child_class::daemon
                && row.state == row_state::spawning;
  enter(row, leaves ? row_state::spawning : row_state::running);
}

result<entry*> table::add_lost(entry row) {
  if (find(row.key))
    return fail(errc::already_exists, row.key + " has a row");
  auto made = row_for(row.key);
  if (!made)
    return made;
  auto& x = **made;
  row.slot = x.slot;
  row.state = row_state::idle;
  x = std::move(row);
  last_spawn_id_ = std::max(last_spawn_id_, x.spawn_id);
  changes_.header = true;
  enter(x, row_state::running);
  return &x;
}

entry* table::find(std::string_view key) noexcept {
  auto at = rows_.find(key);
  return at == rows_.end() ? nullptr : &at->second;
}

const entry* table::find(std::string_view key) const noexcept {
  auto at = rows_.find(key);
  return at == rows_.end() ? nullptr : &at->second;
}

const entry* table::in_slot(std::uint32_t slot) const noexcept {
  return slot == 0 || slot > slots_.size() ? nullptr : slots_[slot - 1];
}

table::changes table::take_changes() {
  auto& slots = changes_.slots;
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return std::exchange(changes_, {});
}

// -- rows and their slots ------------------------------------------------------

result<entry*> table::row_for(std::string_view key) {
  if (auto row = find(key))
    return row;
  if (rows_.size() >= max_rows)
    return fail(errc::limit, "the keeper holds " + std::to_string(max_rows)
                               + " keys already: FORGET some");
  if (free_.empty()) {
    slots_.push_back(nullptr);
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
  }
  auto& row = rows_[std::string{key}];
  row.key = key;
  row.slot = free_.back();
  free_.pop_back();
  slots_[row.slot - 1] = &row;
  return &row;
}

void table::enter(entry& row, row_state next) {
  auto lived = row.living();
  row.state = next;
  if (lived != row.living())
    lived ? --living_ : ++living_;
  touch(row);
}

void table::touch(const entry& row) {
  changes_.slots.push_back(row.slot);
}

bool table::erase_if_empty(entry& row) {
  if (row.state != row_state::idle || !row.note.empty())
    return false;
  erase(row);
  return true;
}

void table::erase(entry& row) {
  if (row.state == row_state::exited && !row.seen && row.told.count() > 0)
    --unseen_;
  touch(row);
  slots_[row.slot - 1] = nullptr;
  free_.push_back(row.slot);
  rows_.erase(rows_.find(row.key));
}

} // namespace saker::keeper

#include "keeper/clock.hpp"
#include "keeper/core.hpp"

namespace saker::keeper {

// -- LIST ---------------------------------------------------------------------

/// Tells as many rows as there is room for. True when LIST is answered.
bool core::continue_list() {
  while (!port_->full()) {
    auto& all = rows_.all();
    auto at = list_->cursor.empty() ? all.begin()
                                    : all.upper_bound(list_->cursor);
    if (at == all.end()) {
      listed_ = true;
      drain_timer_.cancel();
      port_->reply(list_->seq, link::listed{list_->count});
      list_.reset();
      watch_unseen();
      return true;
    }
    list_->cursor = at->first;
    // A job of an earlier node is on its way out.
    if (at->second.dropped)
      continue;
    ++list_->count;
    tell_row(at->second);
  }
  return false;
}

void core::tell_row(entry& row) {
  auto fds = outputs_.readers(row.key);
  link::row x;
  x.fds = static_cast<std::uint8_t>(fds.size());
  x.key = row.key;
  x.spawn_id = row.spawn_id;
  x.kind = row.kind;
  x.state = row.state;
  x.pid = row.has_process() ? row.who.pid : 0;
  x.started = row.started;
  x.adopted = row.adopted;
  x.lost = outputs_.take_lost(row.key);
  x.note = row.note;
  x.end = row.end;
  port_->push(x, std::move(fds));
  rows_.told(row, steady_now());
}

/// Whether this node has heard of the row, and so of what happens to it.
bool core::told_of(const std::string& key) const {
  return listed_ || (list_ && key <= list_->cursor);
}

// -- what happened ------------------------------------------------------------

void core::on_running(entry& row) {
  if (!port_ || !told_of(row.key) || row.dropped)
    return;
  auto fds = outputs_.readers(row.key);
  link::spawned x;
  x.fds = static_cast<std::uint8_t>(fds.size());
  x.key = row.key;
  x.spawn_id = row.spawn_id;
  x.pid = row.who.pid;
  x.started = row.started;
  port_->push(x, std::move(fds));
}

void core::on_over(entry& row) {
  stop_run_.check();
  if (!port_ || !told_of(row.key))
    return;
  port_->push(link::ended{row.key, row.spawn_id, row.started, row.end});
  rows_.told(row, steady_now());
  watch_unseen();
}

void core::on_left(entry& row) {
  // Without a node nobody looks for what goes on.
  if (stop_run_.begun())
    return children_.give_up(row);
  if (port_ && told_of(row.key))
    port_->push(link::left{row.key, row.spawn_id, row.end});
}

} // namespace saker::keeper

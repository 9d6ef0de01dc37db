#include "actors/writer.hpp"

#include <caf/send.hpp>

#include <algorithm>

// A FIFO, its pump, and when it is its turn.

namespace saker {

writer_state::stream* writer_state::find(ticket which) {
  auto i = streams_.find(which);
  return i == streams_.end() ? nullptr : &i->second;
}

writer_state::stream& writer_state::add(const std::string& key, child& of) {
  auto number = static_cast<std::uint32_t>(of.streams.size());
  auto which = ++last_ticket_;
  of.streams.push_back(which);
  process::output_pump pump{nullptr, process::output_pump::when_full::drop,
                            &scratch_};
  pump.watch(watchers_.contains(key));
  return streams_.emplace(which, stream{key, number, std::move(pump), nullptr})
    .first->second;
}

void writer_state::connect(stream& x, unique_fd fifo) {
  disconnect(x);
  x.pump.attach(std::move(fifo));
  x.watch = links.watch(x.pump.fifo());
}

unique_fd writer_state::disconnect(stream& x) {
  x.to_finish.reset();
  x.gathers = false;
  if (x.watch)
    x.watch->close();
  x.watch.reset();
  return x.pump.release();
}

void writer_state::turn(ticket which, stream& x) {
  using next = process::pumped::next;
  writer_effort asks{*links.pulse, self->clock().now()};
  auto budget = std::min(x.to_finish.value_or(turn_budget), turn_budget);
  auto done = x.pump.pump(std::max<std::size_t>(budget, 1),
                          self->clock().now());
  if (x.pump.file())
    open_.used(x.pump.file());
  tell(x, done);
  if (x.to_finish) {
    auto& of = children_.at(x.key).drained;
    of.moved += done.moved;
    of.lost += done.lost;
    *x.to_finish -= std::min<std::size_t>(*x.to_finish, done.moved + done.lost);
    if (*x.to_finish == 0 || done.when != next::again) {
      of.left += x.pump.available();
      x.to_finish.reset();
      conclude(x.key);
    }
  }
  if (done.when == next::ended)
    disconnect(x);
  remember(x.key);
  schedule(which, x, done);
}

void writer_state::schedule(ticket which, stream& x,
                            const process::pumped& done) {
  using next = process::pumped::next;
  if (done.when == next::again && x.watch && !x.queued) {
    x.queued = true;
    self->send(self, atom::pump_v, which);
  }
  if (done.when == next::readable && x.watch && !x.queued && !x.gathers)
    wait(which, x, done.moved + done.lost);
  if (done.full || (done.when == next::later && x.watch))
    rest(which, x);
}

void writer_state::rest(ticket which, stream& x) {
  if (std::exchange(x.resting, true))
    return;
  self->delayed_send(self, process::output_pump::pause, atom::expire_v, which);
}

/// For output; where it comes all the time, for some of it.
void writer_state::wait(ticket which, stream& x, std::size_t moved) {
  auto now = self->clock().now();
  auto due = x.pace.next(moved, x.pump.capacity(), now,
                         watchers_.contains(x.key));
  if (!due) {
    auto me = caf::actor_cast<file_writer_actor>(self);
    return x.watch->when_readable(
      [me, which] { caf::anon_send(me, atom::readable_v, which); });
  }
  x.gathers = true;
  auto& others = gathering_[*due];
  if (others.empty())
    self->delayed_send(self, *due - now, atom::tick_v);
  others.push_back(which);
}

/// Not for each piece that is lost; but that nothing is any more, at once.
void writer_state::remember(const std::string& key) {
  auto& of = children_.at(key);
  std::uint64_t lost = 0;
  for (auto which : of.streams)
    lost += streams_.at(which).pump.unannounced();
  auto now = self->clock().now();
  if (lost == of.remembered
      || (lost > 0 && now < of.remembered_at + remember_every))
    return;
  of.remembered = lost;
  of.remembered_at = now;
  links.remember(key, lost);
}

} // namespace saker

#include "actors/log.hpp"

#include <algorithm>

namespace saker {

void log_state::begin(log_links with) {
  links = std::move(with);
  self->send(links.writer, atom::watch_v, links.key,
             caf::actor_cast<output_listener_actor>(self));
}

// -- events -------------------------------------------------------------------

void log_state::deliver(const output_copy& what) {
  session::publish_batch all;
  auto add = [&](std::string_view line) { all.add(links.channel, line); };
  if (what.missed > 0 || what.added)
    for (auto& x : streams_)
      x.lines.finish(add);
  if (what.missed > 0)
    add("saker: missed " + std::to_string(what.missed) + " bytes");
  auto& from = streams_[what.number == 0 ? 0 : 1];
  if (from.lines.feed(*what.bytes, add))
    from.since = self->clock().now();
  if (what.last)
    for (auto& x : streams_)
      x.lines.finish(add);
  publish(std::move(all));
  wait_for_ends();
}

void log_state::stop() {
  self->send(links.writer, atom::withdraw_v, links.key,
             caf::actor_cast<output_listener_actor>(self));
  self->quit();
}

void log_state::expire() {
  waits_ = false;
  session::publish_batch all;
  for (auto& x : streams_)
    if (x.lines.pending() && self->clock().now() >= x.since + patience)
      x.lines.flush(
        [&](std::string_view line) { all.add(links.channel, line); });
  publish(std::move(all));
  wait_for_ends();
}

// -- helpers ------------------------------------------------------------------

void log_state::publish(session::publish_batch what) {
  if (what.size() > 0)
    self->send(links.broker, atom::emit_v, std::move(what));
}

void log_state::wait_for_ends() {
  auto first = time_point::max();
  for (auto& x : streams_)
    if (x.lines.pending())
      first = std::min(first, x.since);
  if (waits_ || first == time_point::max())
    return;
  waits_ = true;
  self->delayed_send(self, first + patience - self->clock().now(),
                     atom::expire_v);
}

// -- behavior -----------------------------------------------------------------

log_actor::behavior_type
log(log_actor::stateful_pointer<log_state> self, log_links links) {
  self->state.begin(std::move(links));
  return {
    [self](atom::deliver, const output_copy& what) {
      self->state.deliver(what);
      return caf::unit;
    },
    [self](atom::stop) { self->state.stop(); },
    [self](atom::expire) { self->state.expire(); },
  };
}

} // namespace saker

// What leaves: how much of it waits, and who is cut off for not reading it.
#include "actors/connection.hpp"

#include <caf/actor_cast.hpp>

namespace saker {

namespace {

using namespace std::chrono_literals;

} // namespace

void connection_state::drained() {
  account();
  settle();
}

void connection_state::deliver(const frame_list& frames) {
  if (closing_)
    return;
  for (auto& x : frames) {
    links->figures->output_bytes.add(static_cast<std::int64_t>(x->size()));
    socket->write(x);
  }
  auto unsent = socket->unsent();
  if (unsent > worth_watching) {
    account();
    if (over_limit(unsent))
      cut_off("it does not read what it subscribed to");
  }
}

void connection_state::tick() {
  ticking_ = false;
  auto unsent = socket->unsent();
  auto at = self->clock().now();
  if (auto sent = socket->sent(); sent != sent_at_tick_) {
    sent_at_tick_ = sent;
    progress_at_ = at;
  }
  if (unsent > 0 && at - progress_at_ >= links->patience)
    return cut_off("it took nothing for "
                   + std::to_string(links->patience.count()) + " s");
  if (over_limit(unsent))
    return cut_off("it does not read what it subscribed to");
  account();
}

void connection_state::close_after_output(const std::string&) {
  closing_ = true;
  account();
  socket->finish();
}

void connection_state::cut_off(const std::string&) {
  closing_ = true;
  links->figures->cut_off.add();
  socket->close();
  self->quit();
}

void connection_state::account() {
  auto unsent = socket->unsent();
  links->figures->unsent_bytes.add(static_cast<std::int64_t>(unsent)
                                   - static_cast<std::int64_t>(accounted_));
  auto began = accounted_ == 0;
  accounted_ = unsent;
  if (unsent == 0)
    return;
  if (began) {
    progress_at_ = self->clock().now();
    sent_at_tick_ = socket->sent();
  }
  if (!ticking_) {
    ticking_ = true;
    self->delayed_send(self, 1s, atom::tick_v);
  }
  look_at_all_clients();
}

/// Nor may many begin large commands that they never end.
void connection_state::account_input() {
  auto held = client->collected();
  if (held <= worth_watching)
    held = 0;
  if (held == held_)
    return;
  links->figures->held_bytes.add(static_cast<std::int64_t>(held)
                                 - static_cast<std::int64_t>(held_));
  held_ = held;
  if (held > 0)
    look_at_all_clients();
}

void connection_state::look_at_all_clients() {
  auto& figures = *links->figures;
  if (figures.unsent_bytes.get() + figures.held_bytes.get()
      > static_cast<std::int64_t>(links->live->limits.client_memory))
    self->send(caf::actor_cast<gateway_actor>(links->gateway),
               atom::compress_v);
}

bool connection_state::over_limit(std::size_t unsent) {
  auto& limits = links->live->limits;
  auto& from = listens() ? limits.output_pubsub : limits.output_normal;
  return limit_.exceeded({from.hard, from.soft, from.soft_time}, unsent,
                         self->clock().now());
}

} // namespace saker

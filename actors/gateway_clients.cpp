// CLIENT LIST, KILL, PAUSE and UNBLOCK, idle ones: what is about all clients.
#include "actors/countdown.hpp"
#include "actors/gateway.hpp"
#include "session/client_kill.hpp"
#include "session/client_pause.hpp"

#include <algorithm>

namespace saker {

namespace {

using namespace std::chrono_literals;

} // namespace

caf::result<resp::value> gateway_state::list_clients(const command_call& what) {
  auto filter = session::parse_client_filter(what.what.args);
  if (!filter)
    return resp::value{resp::error{filter.error().detail}};
  auto promise = self->make_response_promise<resp::value>();
  ask_all([promise, filter = *filter](figures_list& all) mutable {
    promise.deliver(session::client_list(all, filter));
  });
  return promise;
}

caf::result<resp::value> gateway_state::kill_clients(const command_call& what) {
  auto order = session::parse_kill_order(what.what.args,
                                         *links.connections->live->sessions);
  if (!order)
    return resp::value{resp::error{order.error().detail}};
  auto promise = self->make_response_promise<resp::value>();
  ask_all([this, promise, order = *order,
           me = what.client](figures_list& all) mutable {
    std::size_t killed = 0;
    connection_actor last; // who ordered it, if that is hit too
    for (auto& x : all) {
      auto one = order.hits(x, me) ? find(x.id) : connection_actor{};
      if (!one)
        continue;
      ++killed;
      if (x.id == me)
        last = one;
      else
        self->send(one, atom::finish_v, std::string{"CLIENT KILL"});
    }
    promise.deliver(order.reply(killed));
    if (last) // behind its reply; nothing more of it is carried out
      self->send(last, atom::stop_v);
  });
  return promise;
}

void gateway_state::ask_all(std::function<void(figures_list&)> then) {
  auto found = std::make_shared<figures_list>();
  auto all = std::make_shared<countdown>([found, then = std::move(then)] {
    std::sort(found->begin(), found->end(),
              [](auto& x, auto& y) { return x.id < y.id; });
    then(*found);
  });
  all->missing += clients_.size();
  for (auto& [_, x] : clients_)
    self->request(x, caf::infinite, atom::describe_v)
      .then(
        [all, found](session::client_figures& y) {
          found->push_back(std::move(y));
          all->one_less();
        },
        [all](const caf::error&) { all->one_less(); });
  all->one_less();
}

caf::result<resp::value> gateway_state::unblock(const command_call& what) {
  auto order = session::parse_unblock(what.what.args);
  if (!order)
    return resp::value{resp::error{order.error().detail}};
  auto one = find(order->id);
  if (!one)
    return resp::value{0};
  auto promise = self->make_response_promise<resp::value>();
  self->request(one, caf::infinite, atom::forget_v, order->as_error)
    .then(
      [promise](bool waited) mutable {
        promise.deliver(resp::value{waited ? 1 : 0});
      },
      [promise](const caf::error&) mutable {
        promise.deliver(resp::value{0}); // it is gone
      });
  return promise;
}

// -- CLIENT PAUSE --------------------------------------------------------------

/// A pause during another one can make it longer and stricter.
resp::value gateway_state::pause(const command_call& what) {
  auto order = session::parse_pause(what.what.args);
  if (!order)
    return resp::error{order.error().detail};
  auto& live = *links.connections->live;
  live.suspended = std::max(live.suspended, order->what);
  live.suspended_until = std::max(live.suspended_until,
                                  self->clock().now() + order->time);
  self->delayed_send(self, order->time, atom::wait_v);
  tell_all();
  return resp::ok();
}

resp::value gateway_state::unpause() {
  auto& live = *links.connections->live;
  live.suspended = session::suspension::none;
  live.suspended_until = {};
  tell_all();
  return resp::ok();
}

void gateway_state::end_pause() {
  auto& live = *links.connections->live;
  if (live.suspended != session::suspension::none
      && self->clock().now() >= live.suspended_until)
    unpause();
}

void gateway_state::tell_all() {
  for (auto& [_, x] : clients_)
    self->send(x, atom::change_v);
}

// -- idle clients ----------------------------------------------------------------

/// One timer for all clients, and a walk over one flat table when the first of
/// them can be idle: timers of their own would outlive the clients, and would
/// not follow CONFIG SET. 10^5 clients are 1.6 MB to read, at most once a
/// second: less than a look at a share of the clients themselves, as in Redis.
void gateway_state::sweep(std::uint64_t epoch) {
  if (epoch != epoch_)
    return;
  sweep_at_.reset();
  auto allowed = links.connections->live->idle;
  if (allowed.count() == 0)
    return;
  auto now = self->clock().now();
  auto found = links.connections->activity->look(now - allowed);
  for (auto id : found.idle)
    if (auto one = find(id))
      self->send(one, atom::wait_v);
  // Those who may stay, because they listen, count from now on.
  expect_idleness(found.next.value_or(now));
}

/// `oldest`: when the client that is idle for longest was active last.
void gateway_state::expect_idleness(time_point oldest) {
  auto allowed = links.connections->live->idle;
  if (allowed.count() == 0 || clients_.empty())
    return;
  auto now = self->clock().now();
  auto due = std::max<time_point>(oldest + allowed, now + 1s);
  if (sweep_at_ && *sweep_at_ <= due)
    return;
  sweep_at_ = due;
  self->delayed_send(self, due - now, atom::tick_v, ++epoch_);
}

} // namespace saker

// What others do for a client, and their answers.
#include "actors/command_route.hpp"
#include "actors/connection.hpp"
#include "actors/reply_text.hpp"
#include "messages/cluster_actor.hpp"
#include "messages/roster_actor.hpp"

#include <caf/actor_cast.hpp>

#include <variant>

namespace saker {

namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};

template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

} // namespace

void connection_state::report(session::request_id id,
                              const receiver_counts& counts) {
  client->answer_publish(id, counts);
  settle();
}

void connection_state::report(session::request_id id) {
  client->answer(id, {});
  settle();
}

void connection_state::expire(session::request_id id) {
  client->answer(id, {});
  settle();
}

void connection_state::answered(session::request_id id,
                                const resp::value& reply) {
  // Who waited for long has not been idle.
  auto at = self->clock().now();
  links->activity->touch(slot_, at);
  client->answer(id, reply);
  settle(at);
}

bool connection_state::release(bool as_error) {
  if (!client->waits())
    return false;
  if (as_error)
    client->unblock();
  withdraw();
  settle();
  return true;
}

/// Whoever has the command answers as if the time were over, unless that is
/// done.
void connection_state::withdraw() {
  if (links->roster)
    caf::anon_send(caf::actor_cast<roster_actor>(links->roster),
                   atom::withdraw_v, client->id());
  if (links->cluster)
    caf::anon_send(caf::actor_cast<cluster_actor>(links->cluster),
                   atom::withdraw_v, client->id());
}

void connection_state::carry_out(session::effect& what) {
  auto me = caf::actor_cast<subscriber_actor>(self);
  std::visit(overloaded{
               [&](session::subscribe& x) {
                 subscribed_once_ = true;
                 self->send(links->broker, atom::subscribe_v, me, std::move(x));
               },
               [&](session::publish_batch& x) {
                 self->send(links->broker, atom::publish_v, me, std::move(x));
               },
               [&](session::observed& x) {
                 self->send(links->broker, atom::tell_v, std::move(x.lines));
               },
               [&](session::request& x) { ask(x); },
               [&](session::wait& x) {
                 self->delayed_send(self, x.delay, atom::expire_v, x.id);
               },
               [&](session::close& x) {
                 if (x.reason.ends_with(resp::tls_on_plain_port))
                   tell_of_tls();
                 if (x.after_output)
                   close_after_output(x.reason);
                 else
                   cut_off(x.reason);
               },
               [&](auto& x) { // unsubscribe, unsubscribe_all, switch_protocol
                 self->send(links->broker, atom::subscribe_v, me, std::move(x));
               },
             },
             what);
}

void connection_state::ask(session::request& what) {
  auto id = what.id;
  auto to = route(*links, what);
  if (!to)
    return client->answer(id, nobody_there());
  command_call call{std::move(what), client->id(), {}};
  call.origin = {links->settings->slow, client->address(), client->name()};
  call.from = client->person() + '@' + address;
  self->request(to, caf::infinite, atom::call_v, std::move(call))
    .then([this, id](resp::value& reply) { answered(id, reply); },
          [this, id](caf::error& why) { answered(id, to_reply(why)); });
}

} // namespace saker

#include "actors/connection.hpp"

#include "actors/command_route.hpp"
#include "actors/reply_text.hpp"
#include "messages/cluster_actor.hpp"
#include "messages/roster_actor.hpp"

#include <caf/actor_cast.hpp>

#include <variant>
#include <vector>

namespace saker {

namespace {

using namespace std::chrono_literals;

/// After the end of input, so much time is left for what was asked before.
constexpr auto patience_after_end = 5s;

/// Less than this is what a busy connection has in flight anyway.
constexpr std::size_t worth_watching = std::size_t{64} * 1024;

/// A list of effects that has grown beyond this is not used again.
constexpr std::size_t effects_kept = 16;

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};

template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

} // namespace

connection_state::~connection_state() {
  if (client && client->waits())
    withdraw();
  if (socket)
    socket->close();
  if (client)
    links->activity->remove(slot_);
  if (!links || !links->figures)
    return;
  auto& figures = *links->figures;
  figures.unsent_bytes.add(-static_cast<std::int64_t>(accounted_));
  figures.held_bytes.add(-static_cast<std::int64_t>(held_));
  figures.blocked.add(blocked_ ? -1 : 0);
  figures.tracking.add(tracking_ ? -1 : 0);
}

void connection_state::open(shared_links with, session::peer who,
                            std::uint64_t id,
                            const stream_factory& make_stream) {
  links = std::move(with);
  address = who.via_unix && !who.user.empty() ? "unix" : who.address;
  via_unix = who.via_unix;
  client = std::make_unique<session::session>(
    id, std::move(who),
    links->live->sessions ? links->live->sessions : links->settings, now());
  slot_ = links->activity->add(id, self->clock().now());
  client->count_in(links->figures->statistics);
  client->suspend(links->live->suspended);
  client->be_patient(links->live->patient);
  auto tell = [hdl = caf::actor_cast<connection_actor>(self)](auto what) {
    return [hdl, what] { caf::anon_send(hdl, what); };
  };
  socket = make_stream(
    {tell(atom::readable_v), tell(atom::drained_v), tell(atom::closed_v)});
  settle();
}

// -- events of the socket -------------------------------------------------------

void connection_state::readable() {
  reading_ = false;
  if (closing_)
    return;
  auto bytes = socket->input();
  auto& figures = *links->figures;
  figures.reads.add();
  figures.input_bytes.add(static_cast<std::int64_t>(bytes.size()));
  auto at = now();
  links->activity->touch(slot_, at.steady);
  auto size = bytes.size();
  client->feed(bytes, at);
  figures.input_peak.note(std::max(size, client->held()), at.steady);
  if (figures.rates.due(at.steady))
    figures.rates.note(figures.totals(), at.steady);
  settle(at.steady);
}

void connection_state::drained() {
  account();
  settle();
}

void connection_state::closed() {
  if (closing_ || !socket->reason().empty() || listens() || client->waits())
    return self->quit();
  last_ = true;
  settle();
  if (!closing_)
    self->delayed_send(self, patience_after_end, atom::finish_v,
                       std::string{"end of input"});
}

// -- events of other actors -------------------------------------------------------

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

void connection_state::pump() {
  pumping_ = false;
  if (closing_)
    return;
  auto at = now();
  client->proceed(at);
  settle(at.steady);
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

void connection_state::change() {
  if (closing_)
    return;
  client->use(links->live->sessions);
  client->suspend(links->live->suspended);
  client->be_patient(links->live->patient);
  settle();
}

void connection_state::look_if_idle() {
  auto allowed = links->live->idle;
  auto at = self->clock().now();
  // Since the GATEWAY looked, something may have come in.
  if (allowed.count() == 0 || at - links->activity->last(slot_) < allowed)
    return;
  if (!listens() && !client->blocked())
    return finish("it was idle");
  // Whoever listens or waits is looked at again when that time is over.
  links->activity->touch(slot_, at);
}

std::int64_t idle_client_memory() noexcept {
  return sizeof(connection_state) + sizeof(session::session);
}

session::client_figures connection_state::describe() const {
  auto x = client->figures(now());
  x.fd = socket->descriptor();
  x.unsent_frames = socket->pieces();
  x.unsent_bytes = socket->unsent();
  x.memory += sizeof(*this);
  x.reads = reading_;
  x.closing = x.closing || closing_;
  return x;
}

void connection_state::finish(const std::string&) {
  self->quit();
}

void connection_state::stop() {
  client->stop("CLIENT KILL");
  settle();
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

// -- helpers ----------------------------------------------------------------------

session::moment connection_state::now() const {
  return {self->clock().now(), links->wall_clock()};
}

void connection_state::settle() {
  settle(self->clock().now());
}

/// `at`: this moment; whoever has looked at the clock already gives it.
void connection_state::settle(std::chrono::steady_clock::time_point at) {
  // Carrying out an effect may make room for further commands, which make
  // further output and effects.
  thread_local std::vector<session::effect> effects; // its memory is kept
  for (;;) {
    auto output = client->take_output();
    client->take_effects(effects);
    if (output.empty() && effects.empty())
      break;
    links->figures->writes.add(output.empty() ? 0 : 1);
    links->figures->output_bytes.add(static_cast<std::int64_t>(output.size()));
    socket->write_all_of(std::move(output));
    for (auto& x : effects) {
      carry_out(x);
      if (closing_)
        return;
    }
    if (effects.capacity() > effects_kept)
      std::vector<session::effect>{}.swap(effects);
  }
  auto executed = client->executed();
  links->figures->commands.add(
    static_cast<std::int64_t>(executed - std::exchange(counted_, executed)));
  auto unsent = socket->unsent();
  if (unsent > 0)
    links->figures->output_peak.note(unsent, at);
  if (unsent > worth_watching) {
    account();
    if (over_limit(unsent))
      return cut_off("it does not read its replies");
  }
  account_input();
  tell_figures();
  auto full = unsent > client->reply_pause();
  if (full)
    socket->tell_drained();
  client->pause(full);
  if (client->more() && !pumping_) {
    pumping_ = true;
    self->send(self, atom::pump_v);
  }
  if (last_) {
    if (!pumping_ && client->figures(now()).open_commands == 0)
      close_after_output("end of input");
  } else if (!reading_ && client->wants_input()) {
    reading_ = true;
    socket->read();
  }
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

/// Gets what it did not ask for.
bool connection_state::listens() const noexcept {
  return client->subscribed() || client->monitoring();
}

/// The client itself cannot read what it was told.
void connection_state::tell_of_tls() {
  if (links->refusals)
    links->refusals->tell("client " + address + " speaks TLS on "
                            + client->figures(now()).local_address
                            + ", which is a plain address: it is refused; "
                              "[tls] listen has those for TLS",
                          self->clock().now());
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

/// INFO counts who waits and who tracks.
void connection_state::tell_figures() {
  auto tell = [](figure& of, bool& told, bool is) {
    if (is != std::exchange(told, is))
      of.add(is ? 1 : -1);
  };
  tell(links->figures->blocked, blocked_, client->blocked());
  tell(links->figures->tracking, tracking_, client->tracks());
}

bool connection_state::over_limit(std::size_t unsent) {
  auto& limits = links->live->limits;
  auto& from = listens() ? limits.output_pubsub : limits.output_normal;
  return limit_.exceeded({from.hard, from.soft, from.soft_time}, unsent,
                         self->clock().now());
}

// -- behavior ---------------------------------------------------------------------

connection_actor::behavior_type
connection(connection_actor::stateful_pointer<connection_state> self,
           shared_links links, session::peer who, std::uint64_t id,
           stream_factory make_stream) {
  self->state.open(std::move(links), std::move(who), id, make_stream);
  return {
    [self](atom::deliver, const frame_list& frames) {
      self->state.deliver(frames);
    },
    [self](atom::report, session::request_id id_, const receiver_counts& n) {
      self->state.report(id_, n);
    },
    [self](atom::report, session::request_id id_) { self->state.report(id_); },
    [self](atom::readable) { self->state.readable(); },
    [self](atom::drained) { self->state.drained(); },
    [self](atom::closed) { self->state.closed(); },
    [self](atom::pump) { self->state.pump(); },
    [self](atom::expire, session::request_id id_) { self->state.expire(id_); },
    [self](atom::tick) { self->state.tick(); },
    [self](atom::change) { self->state.change(); },
    [self](atom::wait) { self->state.look_if_idle(); },
    [self](atom::describe) { return self->state.describe(); },
    [self](atom::forget, bool error) { return self->state.release(error); },
    [self](atom::stop) { self->state.stop(); },
    [self](atom::finish, const std::string& why) { self->state.finish(why); },
  };
}

} // namespace saker

#include "actors/connection.hpp"

#include <caf/actor_cast.hpp>

#include <vector>

namespace saker {

namespace {

using namespace std::chrono_literals;

/// After the end of input, so much time is left for what was asked before.
constexpr auto patience_after_end = 5s;

/// A list of effects that has grown beyond this is not used again.
constexpr std::size_t effects_kept = 16;

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

void connection_state::pump() {
  pumping_ = false;
  if (closing_)
    return;
  auto at = now();
  client->proceed(at);
  settle(at.steady);
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

/// INFO counts who waits and who tracks.
void connection_state::tell_figures() {
  auto tell = [](figure& of, bool& told, bool is) {
    if (is != std::exchange(told, is))
      of.add(is ? 1 : -1);
  };
  tell(links->figures->blocked, blocked_, client->blocked());
  tell(links->figures->tracking, tracking_, client->tracks());
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

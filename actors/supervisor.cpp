#include "actors/supervisor.hpp"

#include "actors/event_text.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "process/name_matcher.hpp"
#include "supervision/launch.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace saker {

using namespace supervision;

namespace {

cause to_cause(const link::end_record& x) {
  switch (x.kind) {
    case link::end_kind::exited: return cause::exited(x.number);
    case link::end_kind::signaled: return cause::signaled(x.number, x.core);
    default: return {cause::kind::unknown, 0, false};
  }
}

/// The ticket of a command; nothing for what is no command.
ticket* ticket_of(any_event& what) {
  return std::visit(
    [](auto& x) -> ticket* {
      if constexpr (requires { x.asker; })
        return &x.asker;
      else
        return nullptr;
    },
    what);
}

} // namespace

void supervisor_state::begin(shared_supervisor_links with,
                             const roster_actor& to, beginning how) {
  links = std::move(with);
  roster = to;
  auto who = instance_of(*how.definition, how.index);
  key = who.key();
  life = std::make_unique<machine>(std::move(how.definition), how.index,
                                   links->world, std::hash<std::string>{}(key));
  self->send(links->keeper, atom::enroll_v, key,
             caf::actor_cast<keeper_client_actor>(self));
  attach(how.output, how.lost);
  if (how.memory.kept)
    recall(*how.memory.kept);
  carry_out(life->wake(how.memory, self->clock().now()));
  if (how.end)
    ended(*how.end);
  resume_search(how.held, how.memory.pid);
  if (how.memory.present == memory::child::running)
    look_later(how.memory.spawn_id);
}

// -- requests ---------------------------------------------------------------------

caf::result<verdict> supervisor_state::call(any_event& what) {
  auto* asker = ticket_of(what);
  if (!asker)
    return verdict{outcome::refused, "this is no command"};
  *asker = ++last_ticket_;
  if (std::holds_alternative<event::check>(what))
    look_at(life->spawn_id());
  auto promise = self->make_response_promise<verdict>();
  askers_.emplace(last_ticket_, promise);
  on(what);
  return promise;
}

explanation supervisor_state::describe() const {
  auto x = life->explain(self->clock().now());
  x.now.since_ms = since_ms_;
  x.awaited = search_.awaited();
  return x;
}

void supervisor_state::change(const any_event& what) {
  on(what);
  // Where the log goes and how large it gets is live.
  if (std::holds_alternative<event::change>(what))
    attach(nullptr, 0);
}

// -- events -----------------------------------------------------------------------

void supervisor_state::spawned(const link::spawned& what,
                               const handed_fds& output) {
  attach(output, 0);
  if (life->definition().daemon)
    return program_runs(static_cast<std::int32_t>(what.pid));
  on(event::spawned{what.spawn_id, static_cast<std::int32_t>(what.pid),
                    steady(what.started)});
  look_later(what.spawn_id);
}

void supervisor_state::ended(const link::ended& what) {
  self->send(links->keeper, atom::send_v,
             link::request{link::seen{what.key, what.spawn_id}});
  end_search();
  if (what.how.kind == link::end_kind::failed)
    return on(event::refused{what.spawn_id, what.how.step, what.how.number,
                             what.how.path, what.how.hint});
  wait_for_output();
  on(event::exited{
    what.spawn_id, to_cause(what.how),
    links->sequencer->next(static_cast<std::uint64_t>(links->unix_ms())),
    steady(what.how.ended), what.how.orphans,
    what.spawn_id == spared_by_ ? spared_ : 0});
}

void supervisor_state::orphan(const link::orphan& what) {
  spared_ = what.spawn_id == spared_by_ ? spared_ + 1 : 1;
  spared_by_ = what.spawn_id;
  links->warn(life->who().display() + ": pid " + std::to_string(what.pid) + " ("
              + what.command
              + ") outlived its parent; a program that goes into the "
                "background needs its foreground option");
}

void supervisor_state::expire(std::uint64_t epoch) {
  on(event::timer{epoch});
}

/// A child is ours whatever it looks like; but if it is not what its definition
/// describes, then probably a wrapper did not `exec`.
void supervisor_state::look_at(std::uint64_t spawn_id) {
  if (life->pid() == 0 || life->spawn_id() != spawn_id)
    return;
  auto one = for_instance(life->definition(), life->who().index);
  auto pattern = process::name_matcher::compile(one.match);
  auto child = process::find_process(life->pid());
  if (one.match.empty() || !pattern || !child || pattern->matches(*child))
    return;
  auto& line = child->cmdline.empty() ? child->comm : child->cmdline;
  links->warn(life->who().display() + ": pid " + std::to_string(child->pid)
              + " (" + printable(line, 100)
              + ") is not what match describes: " + printable(one.match, 100));
}

// -- helpers ----------------------------------------------------------------------

/// Wrappers need a moment to become the program.
void supervisor_state::look_later(std::uint64_t spawn_id) {
  if (!life->definition().match.empty() && !life->definition().daemon)
    self->delayed_send(self, std::chrono::seconds{1}, atom::watch_v, spawn_id);
}

/// What the child wrote is still on its way into the file, and to those who
/// listen.
void supervisor_state::wait_for_output() {
  if (log_file_.empty())
    return;
  auto done = [this, end = ++ends_] { output_is_there(end); };
  self->request(links->writer, output_patience, atom::finish_v, key)
    .then([done](const drained_output&) { done(); },
          [done](const caf::error&) { done(); });
}

void supervisor_state::output_is_there(std::uint64_t end) {
  settled_ = std::max(settled_, end);
  while (!late_.empty() && late_.front().ends <= settled_) {
    auto x = std::move(late_.front());
    late_.pop_front();
    x.tell();
  }
}

void supervisor_state::tell(std::function<void()> what) {
  if (late_.empty() && settled_ == ends_)
    what();
  else
    late_.push_back({ends_, std::move(what)});
}

void supervisor_state::on(const any_event& what) {
  carry_out(life->on(what, self->clock().now()));
}

/// Whoever is answered finds it on the board, and no older state.
void supervisor_state::carry_out(const effects& todo) {
  if (!life->gone())
    links->board->put(present());
  for (auto& x : todo)
    std::visit([this](auto& y) { perform(y); }, x);
  report();
}

void supervisor_state::report() {
  if (!life->gone())
    self->send(roster, atom::status_v, key, present());
}

supervision::status supervisor_state::present() {
  auto now = self->clock().now();
  auto x = life->snapshot(now);
  // Reckoned once: the clocks drift, and nothing has happened.
  auto changed = std::exchange(since_, x.since) != x.since;
  if (changed || since_ms_ == 0)
    since_ms_ = since_unix(x, now, links->unix_ms());
  x.since_ms = since_ms_;
  x.number = ++snapshots_;
  return x;
}

past_event supervisor_state::record(const effect::publish& x,
                                    const event_id& id, std::int64_t at) const {
  std::int64_t next_at = 0;
  if (x.next_at)
    next_at = at + in_milliseconds(*x.next_at - self->clock().now());
  return {id, key, std::string{x.name},
          event_payload(links->node, life->who(), x, id, at, next_at)};
}

/// The node may have died before the last end was stored. If it was, this is
/// left out: it has the same id.
void supervisor_state::recall(const note& kept) {
  if (!kept.ended_event || !kept.last || !kept.last_at)
    return;
  effect::publish x;
  x.name = "exit";
  x.from = x.to = kept.at;
  x.why = kept.last;
  x.restarts = kept.restarts;
  x.reason = to_string(kept.last);
  auto age = in_milliseconds(self->clock().now() - *kept.last_at);
  links->history->put(record(x, kept.ended_event, links->unix_ms() - age));
}

void supervisor_state::attach(const handed_fds& output, std::uint64_t lost) {
  auto& definition = life->definition();
  auto index = life->who().index;
  log_file_ = log_file(definition, index, links->state_dir);
  if (definition.log || definition.has_commands())
    self->send(links->log_interest, atom::enroll_v, key,
               log_channel(links->node, life->who()));
  else
    self->send(links->log_interest, atom::withdraw_v, key);
  if (!definition.log)
    return;
  output_attachment what{key, output, {log_file_}, *definition.log, lost};
  if (definition.log->split)
    what.files.push_back(log_file(definition, index, links->state_dir, true));
  self->send(links->writer, atom::attach_v, std::move(what));
}

time_point supervisor_state::steady(link::stamp x) const {
  return time_point{x - links->boot_offset};
}

// -- behavior ---------------------------------------------------------------------

supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
           shared_supervisor_links links, roster_actor roster, beginning how) {
  self->state.begin(std::move(links), roster, std::move(how));
  return {
    [self](atom::tell, const link::spawned& what, const handed_fds& output) {
      self->state.spawned(what, output);
    },
    [self](atom::tell, const link::ended& what) { self->state.ended(what); },
    [self](atom::tell, const link::left& what) { self->state.left(what); },
    [self](atom::tell, const link::orphan& what) { self->state.orphan(what); },
    [self](atom::call, any_event& what) { return self->state.call(what); },
    [self](atom::describe) { return self->state.describe(); },
    [self](atom::change, const any_event& what) { self->state.change(what); },
    [self](atom::expire, std::uint64_t epoch) { self->state.expire(epoch); },
    [self](atom::watch, std::uint64_t id) { self->state.look_at(id); },
    [self](atom::query, std::uint64_t id) { self->state.look_for(id); },
  };
}

} // namespace saker

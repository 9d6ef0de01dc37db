#include "actors/roster.hpp"

#include "actors/reply_text.hpp"
#include "actors/stopwatch.hpp"

namespace saker {

using namespace supervision;

void roster_state::begin(roster_links with, roster_beginning how) {
  links = std::move(with);
  if (!links.sampler) // nobody ever has figures
    links.supervisors->board->costs(nullptr, time_point::max());
  for (auto& x : how.wanted)
    wanted_.emplace(x.name, x);
  wanted_known_ = how.wanted_known;
  for (auto& x : how.set)
    if (x.what == setting::topic::autostart)
      autostart_[x.name] = x.value != 0;
    else if (x.what == setting::topic::count)
      counts_[x.name] = x;
  as_written_ = std::move(how.definitions.services);
  errors_ = std::move(how.definitions.errors);
  forget_counts(as_written_);
  services_ = with_counts(as_written_, counts_);
  if (auto x = short_of_descriptors(services_))
    links.supervisors->warn(*x);
  std::map<std::string, const held_child*> held;
  for (auto& x : how.held.children)
    held.emplace(x.row.key, &x);
  recall_ad_hoc(how.set, held);
  for (auto& [_, definition] : services_)
    for (std::uint32_t i = 0; i < definition->count; ++i) {
      auto found = held.extract(instance_of(*definition, i).key());
      add(definition, i, found.empty() ? nullptr : found.mapped());
    }
  for (auto& [_, x] : held)
    remove_unknown(*x);
}

caf::result<bool> roster_state::open() {
  opener_ = self->make_response_promise<bool>();
  auto answer = *opener_;
  check_settled();
  return answer;
}

// -- events -----------------------------------------------------------------------

void roster_state::changed(const std::string& key,
                           const supervision::status& now) {
  auto who = parse_key(key);
  auto i = who ? members_.find({who->name, who->index}) : members_.end();
  if (i == members_.end())
    return;
  auto moved = i->second.now.at != now.at;
  i->second.now = now;
  i->second.known = true;
  if (moved)
    close_idle_sockets(who->name);
  check_settled();
  answer_waiters(waits_.told(key, now.at));
  check_ad_hoc(i->first, i->second);
  check_end();
}

void roster_state::forgotten(const std::string& key) {
  auto who = parse_key(key);
  auto i = who ? members_.find({who->name, who->index}) : members_.end();
  if (i == members_.end())
    return;
  auto was_removed = i->second.leaving;
  answer_waiters(waits_.gone(key));
  links.supervisors->board->remove(who->name, who->index);
  members_.erase(i);
  // Defined again while it was leaving: now there is room for the new one.
  auto service = services_.find(who->name);
  if (was_removed && !ending_ && service != services_.end()
      && who->index < service->second->count)
    add(service->second, who->index, nullptr);
  check_settled();
  check_end();
}

void roster_state::shutdown_wanted(std::uint32_t count) {
  using namespace std::chrono_literals;
  if (count <= 1 || !ending_)
    return stop_all(0);
  links.say("asked to end again: stop ladders get 2 s more");
  for (auto& [_, x] : members_)
    self->send(x.actor, atom::change_v, any_event{event::hurry{2s}});
}

void roster_state::reload_wanted() {
  // Nobody is there who could say FORCE: what would end most of it is refused.
  application next;
  next.by = "SIGHUP";
  applications_.push_back(std::move(next));
  if (applications_.size() == 1)
    next_apply();
}

void roster_state::stop_all(int code) {
  if (ending_)
    return;
  ending_ = true;
  exit_code_ = code;
  // Whoever asked: should this node die meanwhile, all the same must come of
  // it.
  auto how = keep_ ? link::farewell::leaving : link::farewell::begun;
  self->send(links.supervisors->keeper, atom::send_v,
             link::request{link::shutdown{how, code}});
  links.say(keep_
              ? std::string{"leaving; services live on"}
              : "stopping " + std::to_string(members_.size()) + " instances");
  if (!keep_)
    for (auto& [_, x] : members_)
      self->send(x.actor, atom::change_v, any_event{event::shutdown{}});
  auto ended = [this] {
    scripts_ended_ = true;
    check_end();
  };
  self->request(links.librarian, std::chrono::seconds{3}, atom::finish_v)
    .then([ended](bool) { ended(); }, [ended](const caf::error&) { ended(); });
}

void roster_state::withdraw(std::uint64_t client) {
  answer_waiters(waits_.withdraw(client));
}

void roster_state::tick() {
  next_tick_.reset();
  answer_waiters(waits_.expired(self->clock().now()));
  arm_waits();
}

// -- helpers ----------------------------------------------------------------------

/// Nobody is there who would take connections, nor will be: let clients know.
void roster_state::close_idle_sockets(const std::string& of) {
  auto found = services_.find(of);
  if (found == services_.end() || found->second->listen.empty())
    return;
  auto& definition = *found->second;
  for (std::uint32_t i = 0; i < definition.count; ++i) {
    auto m = members_.find({of, i});
    auto at = m == members_.end() ? state::stopped : m->second.now.at;
    if (m != members_.end() && !m->second.known)
      return;
    if (at != state::stopped && at != state::done && at != state::failed)
      return;
  }
  for (auto& address : addresses_of(definition))
    close_socket(address);
}

void roster_state::close_socket(const std::string& address) {
  self->send(links.supervisors->keeper, atom::send_v,
             link::request{link::unlisten{address}});
}

/// Once only, so the walk may be long.
void roster_state::check_settled() {
  if (!opener_)
    return;
  for (auto& [_, x] : members_)
    if (!x.known)
      return;
  opener_->deliver(true);
  opener_.reset();
}

/// These wait no more.
void roster_state::answer_waiters(const wait_list::ended& who) {
  for (auto [number, reached] : who) {
    auto i = waiters_.find(number);
    i->second.deliver(resp::value{static_cast<std::int64_t>(reached)});
    waiters_.erase(i);
  }
}

/// One timer for all who wait.
void roster_state::arm_waits() {
  auto next = waits_.next_deadline();
  if (!next || (next_tick_ && *next_tick_ <= *next))
    return;
  next_tick_ = next;
  auto now = self->clock().now();
  self->delayed_send(self, *next > now ? *next - now : duration{0},
                     atom::tick_v);
}

void roster_state::check_end() {
  if (!ending_ || told_keeper_ || !scripts_ended_)
    return;
  if (!keep_)
    for (auto& [_, x] : members_)
      if (!x.known || has_child(x.now.at))
        return;
  told_keeper_ = true;
  drain_logs();
}

void roster_state::drain_logs() {
  // The last lines of every child are in its file before Saker is gone.
  auto missing = std::make_shared<std::size_t>(1);
  auto one_less = [this, missing] {
    if (--*missing == 0)
      drain_events();
  };
  if (!keep_)
    for (auto& [_, x] : members_) {
      ++*missing;
      self
        ->request(links.supervisors->writer, std::chrono::seconds{2},
                  atom::finish_v, x.now.who.key())
        .then([one_less](const drained_output&) { one_less(); },
              [one_less](const caf::error&) { one_less(); });
    }
  one_less();
}

/// Whoever asks the journal waits until all events so far are stored.
void roster_state::drain_events() {
  self
    ->request(links.journal, std::chrono::seconds{2}, atom::query_v,
              std::vector<std::string>{}, std::uint32_t{0})
    .then([this](const past_events&) { tell_keeper(); },
          [this](const caf::error&) { tell_keeper(); });
}

void roster_state::tell_keeper() {
  auto how = keep_ ? link::farewell::keep : link::farewell::stop;
  self
    ->request(links.supervisors->keeper, std::chrono::seconds{5}, atom::ask_v,
              link::request{link::shutdown{how, exit_code_}})
    .then([this](bool) { links.leave(); },
          [this](const caf::error&) { links.leave(); });
}

// -- behavior ---------------------------------------------------------------------

roster_actor::behavior_type
roster(roster_actor::stateful_pointer<roster_state> self, roster_links links,
       roster_beginning how) {
  self->state.begin(std::move(links), std::move(how));
  return {
    [self](atom::call, const command_call& what) {
      stopwatch time{what};
      return self->state.call(what);
    },
    [self](atom::open) { return self->state.open(); },
    [self](atom::tell, const link::shutdown_wanted& x) {
      self->state.shutdown_wanted(x.count);
    },
    [self](atom::tell, const link::reload_wanted&) {
      self->state.reload_wanted();
    },
    [self](atom::status, const std::string& key, const supervision::status& x) {
      self->state.changed(key, x);
    },
    [self](atom::forget, const std::string& key) {
      self->state.forgotten(key);
    },
    [self](atom::stop, int code) { self->state.stop_all(code); },
    [self](atom::withdraw, std::uint64_t client) {
      self->state.withdraw(client);
    },
    [self](atom::tick) { self->state.tick(); },
  };
}

} // namespace saker

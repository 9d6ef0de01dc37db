#include "actors/writers.hpp"

#include "actors/log_duties.hpp"
#include "messages/error.hpp"
#include "process/output_fifo.hpp"

#include <algorithm>

namespace saker {

namespace {

bool brings_fifos(const output_attachment& x) {
  return x.fds && !x.fds->empty();
}

/// What two orders mean together: the later one, with the FIFOs of the first
/// where it brings none.
void replace(std::optional<output_attachment>& before, output_attachment what) {
  if (before) {
    what.lost += before->lost;
    if (!brings_fifos(what))
      what.fds = before->fds;
  }
  before = std::move(what);
}

} // namespace

void writers_state::begin(writers_links with) {
  links = std::move(with);
  hire(); // there is one, whatever happens
}

template <class T, class... Ts>
caf::result<T> writers_state::ask(home whom, Ts... what) {
  auto& to = crew_[whom];
  if (to.asked >= most_asked)
    return to_error(fail(errc::busy, "the file system of this log does not "
                                     "answer; is it mounted and alive?"));
  ++to.asked;
  auto promise = self->make_response_promise<T>();
  self->request(to.actor, caf::infinite, what...)
    .then(
      [this, whom, promise](T x) mutable {
        --crew_[whom].asked;
        promise.deliver(std::move(x));
      },
      [this, whom, promise](caf::error& x) mutable {
        --crew_[whom].asked;
        promise.deliver(std::move(x));
      });
  return promise;
}

// -- requests -----------------------------------------------------------------

void writers_state::attach(output_attachment& what) {
  auto i = children_.find(what.key);
  if (i == children_.end()) {
    if (!brings_fifos(what))
      return;
    i = children_.try_emplace(what.key).first;
  }
  measure(what);
  auto& x = i->second;
  auto to = home_of(what, x);
  // A new child elsewhere need not wait for where the one before is.
  if (x.busy && (to == x.at || !brings_fifos(what)))
    return replace(x.next, std::move(what));
  x.number = ++last_number_;
  x.next.reset();
  hand_over(x, to, std::move(what));
}

/// Says once, whoever it is, that the kernel is short with pipes.
void writers_state::measure(const output_attachment& what) {
  if (told_small_ || !brings_fifos(what))
    return;
  auto size = process::fifo_capacity(what.fds->front().get());
  if (size == 0 || size >= process::usual_capacity)
    return;
  told_small_ = true;
  links.warn("the output pipe of " + what.key + " holds " + std::to_string(size)
             + " bytes instead of " + std::to_string(process::usual_capacity)
             + ", and so do later ones: this user has more pipes than "
               "fs.pipe-user-pages-soft allows; output that comes in bursts is "
               "lost or waits sooner. Raise it, `sysctl "
               "fs.pipe-user-pages-soft=0` means no limit");
}

void writers_state::detach(const std::string& key) {
  auto i = children_.find(key);
  if (i == children_.end())
    return;
  if (i->second.at)
    caf::anon_send(crew_[*i->second.at].actor, atom::detach_v, key);
  if (i->second.drained)
    caf::anon_send(drain_, atom::detach_v, key);
  children_.erase(i);
}

void writers_state::emit(added_lines& what) {
  if (what.file.empty() && !watchers_.contains(what.key))
    return;
  auto to = home_of(what);
  auto& x = crew_[to];
  auto bytes = what.text.size();
  auto too_much = x.added + bytes > most_added;
  if (too_much && !x.leaves_out)
    links.warn("what hooks of " + what.key
               + " put out is left out of its log, and that of others: the "
                 "file system of "
               + what.file + " does not answer; is it mounted and alive?");
  x.leaves_out = too_much;
  if (too_much)
    return;
  x.added += bytes;
  auto done = [this, to, bytes] { crew_[to].added -= bytes; };
  self->request(x.actor, caf::infinite, atom::emit_v, std::move(what))
    .then([done](caf::unit_t) { done(); },
          [done](const caf::error&) { done(); });
}

caf::result<drained_output> writers_state::finish(const std::string& key) {
  auto i = children_.find(key);
  if (i == children_.end() || !i->second.at)
    return drained_output{key};
  return ask<drained_output>(*i->second.at, atom::finish_v, key);
}

caf::result<std::string>
writers_state::tail(const std::string& path, std::uint32_t lines) {
  return ask<std::string>(home_of(path), atom::tail_v, path, lines);
}

caf::result<bool> writers_state::rotate(const std::string& key) {
  return ask<bool>(home_of_key(key), atom::rotate_v, key);
}

caf::result<bool> writers_state::clear(const std::string& key) {
  return ask<bool>(home_of_key(key), atom::clear_v, key);
}

void writers_state::watch(const std::string& key,
                          const output_listener_actor& who) {
  withdraw(key, who);
  self->monitor(who);
  watchers_[key].push_back(who);
  if (auto i = children_.find(key); i != children_.end() && i->second.at)
    self->send(crew_[*i->second.at].actor, atom::watch_v, key, who);
}

void writers_state::withdraw(const std::string& key,
                             const output_listener_actor& who) {
  auto i = watchers_.find(key);
  if (i == watchers_.end() || std::erase(i->second, who) == 0)
    return;
  if (i->second.empty())
    watchers_.erase(i);
  if (auto j = children_.find(key); j != children_.end() && j->second.at)
    self->send(crew_[*j->second.at].actor, atom::withdraw_v, key, who);
}

void writers_state::listen(const log_listener_actor& who) {
  listener_ = who;
  for (auto& x : crew_)
    self->send(x.actor, atom::listen_v, who);
}

/// The WRITER sees it too.
void writers_state::gone(const caf::actor_addr& who) {
  for (auto& [key, all] : watchers_)
    std::erase_if(all, [&who](auto& x) { return x.address() == who; });
  std::erase_if(watchers_, [](auto& x) { return x.second.empty(); });
}

// -- keys ---------------------------------------------------------------------

void writers_state::hand_over(child& x, home to, output_attachment what) {
  x.busy = true;
  if (!x.at || *x.at == to)
    return settle(x, to, std::move(what));
  auto& from = crew_[*x.at].actor;
  if (brings_fifos(what)) {
    // The child before is over: its file system may take its time.
    caf::anon_send(from, atom::detach_v, what.key);
    return settle(x, to, std::move(what));
  }
  auto moved = [this, to, number = x.number, what](handed_fds fds) mutable {
    auto* y = find(what.key, number);
    if (!y)
      return;
    what.fds = std::move(fds);
    std::optional<output_attachment> all{std::move(what)};
    if (auto later = std::exchange(y->next, std::nullopt))
      replace(all, std::move(*later));
    settle(*y, to, std::move(*all));
  };
  self->request(from, caf::infinite, atom::detach_v, what.key)
    .then([moved](const handed_fds& fds) mutable { moved(fds); },
          [moved](const caf::error&) mutable { moved(nullptr); });
}

/// `to` is the home of the key from now on.
void writers_state::settle(child& x, home to, output_attachment what) {
  auto from = std::exchange(x.at, to);
  x.last = {what.key, nullptr, what.files, what.settings};
  if (crew_[to].stuck)
    drain(x);
  else
    drain_no_more(x);
  settle_watchers(what.key, from, to);
  auto done = [this, key = what.key, number = x.number] {
    if (auto* y = find(key, number)) {
      y->busy = false;
      if (auto next = std::exchange(y->next, std::nullopt))
        hand_over(*y, home_of(*next, *y), std::move(*next));
    }
  };
  self->request(crew_[to].actor, caf::infinite, atom::attach_v, std::move(what))
    .then([done](caf::unit_t) { done(); },
          [done](const caf::error&) { done(); });
}

void writers_state::settle_watchers(const std::string& key,
                                    std::optional<home> from, home to) {
  auto watched = watchers_.find(key);
  if (from == to || watched == watchers_.end())
    return;
  for (auto& who : watched->second) {
    if (from)
      self->send(crew_[*from].actor, atom::withdraw_v, key, who);
    self->send(crew_[to].actor, atom::watch_v, key, who);
  }
}

writers_state::child*
writers_state::find(const std::string& key, std::uint64_t number) {
  auto i = children_.find(key);
  return i == children_.end() || i->second.number != number ? nullptr
                                                            : &i->second;
}

// -- behavior -----------------------------------------------------------------

writers_actor::behavior_type
writers(writers_actor::stateful_pointer<writers_state> self,
        writers_links links) {
  self->state.begin(std::move(links));
  self->set_down_handler(
    [self](const caf::down_msg& x) { self->state.gone(x.source); });
  return log_duties<writers_actor>(
    self,
    [self](atom::attach, output_attachment& what) { self->state.attach(what); },
    [self](atom::detach, const std::string& key) { self->state.detach(key); },
    [self](atom::emit, added_lines& what) { self->state.emit(what); },
    [self](atom::tick) { self->state.rung(); },
    [self](atom::expire) { self->state.look(); });
}

} // namespace saker

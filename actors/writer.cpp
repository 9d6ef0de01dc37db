#include "actors/writer.hpp"

#include "actors/log_duties.hpp"
#include "messages/error.hpp"

#include <algorithm>

namespace saker {

namespace {

process::output_pump::when_full policy_of(const supervision::log_settings& x) {
  return x.full == supervision::log_settings::when_full::block
           ? process::output_pump::when_full::block
           : process::output_pump::when_full::drop;
}

/// Shows until the end of the scope that a file system is asked.
class effort {
public:
  effort(writer_pulse& pulse, writer_pulse::time_point now)
    : pulse_(pulse), outermost_(pulse.begin(now)) {
    // nop
  }

  effort(const effort&) = delete;
  effort& operator=(const effort&) = delete;

  ~effort() {
    if (outermost_)
      pulse_.end();
  }

private:
  writer_pulse& pulse_;
  bool outermost_;
};

} // namespace

writer_state::~writer_state() {
  for (auto& [which, x] : streams_)
    disconnect(x);
}

// -- requests -----------------------------------------------------------------

void writer_state::attach(const output_attachment& what) {
  auto count = what.fds ? what.fds->size() : 0;
  if (count == 0 && !children_.contains(what.key))
    return;
  auto& to = children_[what.key];
  while (to.streams.size() < count)
    add(what.key, to);
  for (std::size_t i = 0; i < to.streams.size(); ++i) {
    auto& x = streams_.at(to.streams[i]);
    std::shared_ptr<process::log_file> file;
    if (!what.files.empty())
      file = shared_file(what.files[std::min(i, what.files.size() - 1)],
                         {what.settings.size, what.settings.keep});
    x.pump.change(std::move(file), policy_of(what.settings));
    if (i == 0)
      x.pump.lost(what.lost);
    if (i < count)
      connect(x, std::move((*what.fds)[i]));
    turn(to.streams[i], x);
  }
  if (count > 0)
    answer(to); // whoever waits for the end of the child before
}

handed_fds writer_state::detach(const std::string& key) {
  auto fds = std::make_shared<std::vector<unique_fd>>();
  auto i = children_.find(key);
  if (i == children_.end())
    return fds;
  for (auto which : i->second.streams) {
    auto& x = streams_.at(which);
    x.pump.hurry();
    turn(which, x);
    if (x.watch)
      fds->push_back(disconnect(x));
  }
  // A turn of one stream looks at all of them.
  for (auto which : i->second.streams)
    streams_.erase(which);
  i->second.streams.clear();
  answer(i->second);
  children_.erase(i);
  std::erase_if(files_, [](auto& x) { return x.second.expired(); });
  return fds;
}

void writer_state::emit(const added_lines& what) {
  if (!what.file.empty())
    append(what);
  auto watched = watchers_.find(what.key);
  if (watched == watchers_.end())
    return;
  auto bytes = share(std::string{what.text});
  for (auto& to : watched->second)
    deliver(to, {what.key, 0, bytes, 0, false, true});
}

void writer_state::append(const added_lines& what) {
  effort asks{*links.pulse, self->clock().now()};
  auto& of = children_[what.key];
  if (of.streams.empty())
    add(what.key, of);
  // What the child put out before stands before them.
  for (auto which : of.streams)
    turn(which, streams_.at(which));
  auto which = of.streams.front();
  auto& x = streams_.at(which);
  if (!x.watch) // no child: the definition may have changed meanwhile
    x.pump.change(
      shared_file(what.file, {what.settings.size, what.settings.keep}),
      policy_of(what.settings));
  auto done = x.pump.add(what.text, self->clock().now());
  if (x.pump.file())
    open_.used(x.pump.file());
  if (!x.watch)
    x.pump.release();
  tell(x, done);
  remember(what.key);
  if (done.full)
    rest(which, x);
}

caf::result<drained_output> writer_state::finish(const std::string& key) {
  auto i = children_.find(key);
  if (i == children_.end())
    return drained_output{key};
  auto& of = i->second;
  auto promise = self->make_response_promise<drained_output>();
  if (of.askers.empty()) {
    of.drained = drained_output{key};
    of.told = false;
  }
  of.askers.push_back(promise);
  for (auto which : of.streams) {
    auto& x = streams_.at(which);
    x.to_finish = x.pump.available();
    x.pump.hurry();
  }
  for (auto which : of.streams)
    turn(which, streams_.at(which));
  return promise;
}

caf::result<std::string>
writer_state::tail(const std::string& path, std::uint32_t lines) {
  effort asks{*links.pulse, self->clock().now()};
  for (auto& [which, x] : streams_)
    if (x.pump.file() && x.pump.file()->path() == path)
      turn(which, x);
  auto bytes = std::clamp(lines * tail_line, tail_least, tail_most);
  auto text = process::tail(path, lines, bytes);
  if (!text)
    return to_error(text.error());
  if (text->ends_with('\n'))
    text->pop_back();
  return std::move(*text);
}

caf::result<bool> writer_state::rotate(const std::string& key) {
  return change_files(key, "rotate", [](process::log_file& x) {
    return x.size() > 0 ? x.rotate() : result<void>{};
  });
}

caf::result<bool> writer_state::clear(const std::string& key) {
  return change_files(key, "clear",
                      [](process::log_file& x) { return x.clear(); });
}

caf::result<bool>
writer_state::change_files(const std::string& key, std::string_view verb,
                           file_change how) {
  effort asks{*links.pulse, self->clock().now()};
  auto i = children_.find(key);
  if (i == children_.end())
    return to_error(
      fail(errc::not_found, std::string{verb} + ' ' + key
                              + ": it has no log file; is it running, with log "
                                "on?"));
  // What was put out before belongs to the file as it was.
  for (auto which : i->second.streams)
    turn(which, streams_.at(which));
  for (auto which : i->second.streams) {
    auto& x = streams_.at(which);
    auto& file = x.pump.file();
    auto done = file ? file->open(self->clock().now()) : result<void>{};
    if (done && file)
      done = how(*file);
    if (file)
      open_.used(file);
    if (!x.watch)
      x.pump.release();
    if (!done)
      return to_error(done.error());
  }
  return true;
}

void writer_state::watch(const std::string& key,
                         const output_listener_actor& who) {
  withdraw(key, who);
  self->monitor(who);
  watchers_[key].push_back({who});
  if (auto i = children_.find(key); i != children_.end())
    for (auto which : i->second.streams)
      streams_.at(which).pump.watch(true);
}

void writer_state::withdraw(const std::string& key,
                            const output_listener_actor& who) {
  withdraw(key, caf::actor_cast<caf::actor_addr>(who));
}

void writer_state::withdraw(const std::string& key,
                            const caf::actor_addr& who) {
  auto i = watchers_.find(key);
  if (i == watchers_.end())
    return;
  std::erase_if(i->second, [&](auto& x) { return x.who.address() == who; });
  if (i->second.empty()) {
    watchers_.erase(i);
    if (auto j = children_.find(key); j != children_.end())
      for (auto which : j->second.streams)
        streams_.at(which).pump.watch(false);
  }
  if (watchers_.empty())
    scratch_.close();
  conclude(key);
}

void writer_state::listen(const log_listener_actor& who) {
  listener_ = who;
}

// -- events -------------------------------------------------------------------

void writer_state::readable(ticket which) {
  if (auto* x = find(which))
    turn(which, *x);
}

void writer_state::pump(ticket which) {
  if (auto* x = find(which)) {
    x->queued = false;
    turn(which, *x);
  }
}

void writer_state::tick() {
  while (!gathering_.empty()
         && gathering_.begin()->first <= self->clock().now()) {
    auto due = gathering_.extract(gathering_.begin());
    for (auto which : due.mapped())
      if (auto* x = find(which); x && std::exchange(x->gathers, false))
        turn(which, *x);
  }
}

void writer_state::expire(ticket which) {
  if (auto* x = find(which)) {
    x->resting = false;
    turn(which, *x);
  }
}

void writer_state::gone(const caf::actor_addr& who) {
  std::vector<std::string> keys;
  for (auto& [key, unused] : watchers_)
    keys.push_back(key);
  for (auto& key : keys)
    withdraw(key, who);
}

// -- streams ------------------------------------------------------------------

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

std::shared_ptr<process::log_file>
writer_state::shared_file(const std::string& path, process::rotation limits) {
  auto& known = files_[path];
  auto file = known.lock();
  if (!file)
    known = file = std::make_shared<process::log_file>(path, limits);
  file->limit(limits);
  return file;
}

void writer_state::turn(ticket which, stream& x) {
  using next = process::pumped::next;
  effort asks{*links.pulse, self->clock().now()};
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

/// Tells who asked for it when all that a child put out before its end has been
/// dealt with, also by those who watch.
void writer_state::conclude(const std::string& key) {
  auto i = children_.find(key);
  if (i == children_.end() || i->second.askers.empty())
    return;
  auto& of = i->second;
  if (std::any_of(of.streams.begin(), of.streams.end(), [this](ticket which) {
        return streams_.at(which).to_finish.has_value();
      }))
    return;
  auto watched = watchers_.find(key);
  if (watched == watchers_.end())
    return answer(of);
  auto& all = watched->second;
  if (!std::exchange(of.told, true))
    for (auto& to : all)
      deliver(to, {key, 0, share({}), 0, true});
  if (std::none_of(all.begin(), all.end(),
                   [](auto& x) { return x.pieces > 0; }))
    answer(of);
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

void writer_state::answer(child& x) {
  for (auto& asker : std::exchange(x.askers, {}))
    asker.deliver(x.drained);
}

// -- who is told --------------------------------------------------------------

void writer_state::tell(const stream& x, process::pumped& done) {
  using kind = log_notice::kind;
  if (done.filled)
    report(x, {kind::full, {}, {}, std::move(*done.filled), 0});
  if (done.healed)
    report(x, {kind::healed, {}, {}, {}, *done.healed});
  if (done.not_rotated)
    report(x, {kind::not_rotated, {}, {}, std::move(*done.not_rotated), 0});
  auto i = watchers_.find(x.key);
  if (i == watchers_.end() || done.copy.empty())
    return;
  auto bytes = share(std::move(done.copy));
  for (auto& to : i->second)
    deliver(to, {x.key, x.number, bytes});
}

void writer_state::report(const stream& x, log_notice what) {
  using kind = log_notice::kind;
  what.key = x.key;
  what.file = x.pump.file() ? x.pump.file()->path() : std::string{};
  auto text = "log of " + what.key + ": ";
  switch (what.what) {
    case kind::full:
      text += what.why.detail
              + "; its output is discarded or waits until there is space";
      break;
    case kind::healed:
      text += what.file + " is written again, " + std::to_string(what.lost)
              + " bytes were lost";
      break;
    case kind::not_rotated: text += "not rotated: " + what.why.detail; break;
  }
  links.warn(text);
  if (listener_)
    self->send(listener_, atom::report_v, std::move(what));
}

void writer_state::deliver(watcher& to, output_copy what) {
  auto bytes = what.bytes->size();
  if (to.under_way >= watcher_credit && !what.last) {
    to.missed += bytes;
    return;
  }
  to.under_way += bytes;
  ++to.pieces;
  what.missed = std::exchange(to.missed, 0);
  auto key = what.key;
  auto who = to.who.address();
  self->request(to.who, caf::infinite, atom::deliver_v, std::move(what))
    .then(
      [this, key, who, bytes](caf::unit_t) { credit(key, who, bytes); },
      [this, key, who, bytes](const caf::error&) { credit(key, who, bytes); });
}

void writer_state::credit(const std::string& key, const caf::actor_addr& who,
                          std::size_t bytes) {
  auto i = watchers_.find(key);
  if (i == watchers_.end())
    return;
  for (auto& x : i->second) {
    if (x.who.address() != who)
      continue;
    x.under_way -= std::min(x.under_way, bytes);
    x.pieces -= std::min<std::size_t>(x.pieces, 1);
    // Nothing may follow for a long time: say now what was skipped.
    if (x.missed > 0)
      deliver(x, {key, 0, share({})});
  }
  conclude(key);
}

// -- behavior -----------------------------------------------------------------

file_writer_actor::behavior_type
writer(file_writer_actor::stateful_pointer<writer_state> self,
       writer_links links) {
  self->state.links = std::move(links);
  self->set_down_handler(
    [self](const caf::down_msg& x) { self->state.gone(x.source); });
  return log_duties<file_writer_actor>(
    self,
    [self](atom::attach, const output_attachment& what) {
      self->state.attach(what);
      return caf::unit;
    },
    [self](atom::detach, const std::string& key) {
      return self->state.detach(key);
    },
    [self](atom::emit, const added_lines& what) {
      self->state.emit(what);
      return caf::unit;
    },
    [self](atom::readable, std::uint64_t which) {
      self->state.readable(which);
    },
    [self](atom::pump, std::uint64_t which) { self->state.pump(which); },
    [self](atom::tick) { self->state.tick(); },
    [self](atom::expire, std::uint64_t which) { self->state.expire(which); });
}

} // namespace saker

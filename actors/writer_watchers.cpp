#include "actors/writer.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>

// Who hears of the output, of its end, and of trouble with log files.

namespace saker {

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

void writer_state::gone(const caf::actor_addr& who) {
  std::vector<std::string> keys;
  for (auto& [key, unused] : watchers_)
    keys.push_back(key);
  for (auto& key : keys)
    withdraw(key, who);
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

void writer_state::answer(child& x) {
  for (auto& asker : std::exchange(x.askers, {}))
    asker.deliver(x.drained);
}

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

} // namespace saker

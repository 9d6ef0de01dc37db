#include "actors/writers.hpp"

#include <caf/send.hpp>

// Which WRITER is at home where, and what becomes of one that hangs.

namespace saker {

// -- homes --------------------------------------------------------------------

writers_state::home
writers_state::home_of(const output_attachment& what, const child& x) {
  return what.files.empty() ? x.at.value_or(home{0})
                            : home_of(what.files.front());
}

writers_state::home writers_state::home_of_key(const std::string& key) const {
  auto i = children_.find(key);
  return i != children_.end() && i->second.at ? *i->second.at : home{0};
}

/// Also of a key whose first child is yet to come: its hooks are earlier.
writers_state::home writers_state::home_of(const added_lines& what) {
  auto& x = children_[what.key];
  if (!x.at) {
    x.number = ++last_number_;
    x.at = what.file.empty() ? home{0} : home_of(what.file);
    if (!what.file.empty())
      x.last.files = {what.file};
    settle_watchers(what.key, std::nullopt, *x.at);
  }
  // It may be on its way to where this file is.
  return x.busy && !what.file.empty() ? home_of(what.file) : *x.at;
}

writers_state::home writers_state::home_of(const std::string& path) {
  auto [i, is_new] = homes_.try_emplace(device_of(path), home{0});
  if (!is_new)
    return i->second;
  // The first file system is at home with the first one, without a new thread.
  if (homes_.size() == 1)
    return i->second;
  if (crew_.size() < most && !hire()) {
    homes_.erase(i); // tried again
    return 0;
  }
  return i->second = (homes_.size() - 1) % crew_.size();
}

std::uint64_t writers_state::device_of(const std::string& path) {
  auto now = self->clock().now();
  if (!looked_ || now - *looked_ >= mounts_age) {
    looked_ = now;
    if (auto all = links.mounts())
      mounts_ = std::move(*all);
  }
  return mounts_.device_of(path);
}

/// One more.
bool writers_state::hire() {
  auto me = caf::actor_cast<writers_actor>(self);
  auto pulse = std::make_shared<writer_pulse>(
    [me] { caf::anon_send(me, atom::tick_v); });
  auto one = links.make(pulse);
  if (!one)
    return false;
  if (listener_)
    self->send(one, atom::listen_v, listener_);
  crew_.push_back({std::move(one), std::move(pulse)});
  return true;
}

// -- WRITERS that hang --------------------------------------------------------

void writers_state::rung() {
  if (!std::exchange(looks_, true))
    self->delayed_send(self, look_every, atom::expire_v);
}

void writers_state::look() {
  looks_ = false;
  auto now = self->clock().now();
  auto again = false;
  for (home i = 0; i < crew_.size(); ++i) {
    auto since = crew_[i].pulse->busy_since();
    auto hangs = since && now - *since >= stuck_after;
    if (hangs && !crew_[i].stuck)
      stuck(i);
    else if (!hangs && crew_[i].stuck)
      recovered(i);
    again = !crew_[i].pulse->rest() || again;
  }
  if (again)
    rung();
}

void writers_state::stuck(home which) {
  crew_[which].stuck = true;
  std::string example;
  for (auto& [key, x] : children_)
    if (x.at == which) {
      drain(x);
      if (example.empty() && !x.last.files.empty())
        example = x.last.files.front();
    }
  links.warn("the file system of " + example
             + " does not answer; output of services that log there is "
               "discarded, or waits with full=\"block\"");
}

void writers_state::recovered(home which) {
  crew_[which].stuck = false;
  for (auto& [key, x] : children_)
    if (x.at == which)
      drain_no_more(x);
  links.warn("a file system of logs answers again");
}

void writers_state::drain(child& x) {
  using when_full = supervision::log_settings::when_full;
  auto has_fifos = !x.last.key.empty();
  if (x.drained || !has_fifos || x.last.settings.full == when_full::block)
    return;
  if (!drain_)
    drain_ = links.make_drain();
  if (!drain_)
    return;
  x.drained = true;
  self->send(drain_, atom::attach_v, x.last.key,
             std::uint32_t{x.last.settings.split ? 2u : 1u});
}

void writers_state::drain_no_more(child& x) {
  if (!std::exchange(x.drained, false))
    return;
  auto count = [this, key = x.last.key](std::uint64_t lost) {
    auto i = children_.find(key);
    if (i == children_.end() || lost == 0)
      return;
    auto what = i->second.last;
    what.lost = lost;
    attach(what);
  };
  self->request(drain_, caf::infinite, atom::detach_v, x.last.key)
    .then(count, [](const caf::error&) {});
}

} // namespace saker

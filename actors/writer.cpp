#include "actors/writer.hpp"

#include "actors/log_duties.hpp"

#include <algorithm>

namespace saker {

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
    use_file(x,
             what.files.empty()
               ? std::string{}
               : what.files[std::min(i, what.files.size() - 1)],
             what.settings);
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

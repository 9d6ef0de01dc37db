#include "actors/drain.hpp"

#include "process/posix.hpp"

#include <caf/send.hpp>

#include <unistd.h>

namespace saker {

namespace {

/// How much was in a FIFO, and whether nobody can write to it.
struct waste {
  std::uint64_t bytes = 0;
  bool ended = false;
};

/// At most what a FIFO of usual size holds twice: one child cannot keep us.
waste empty(int fifo) {
  char buffer[16 * 1024];
  waste result;
  while (result.bytes < 128 * 1024) {
    auto n
      = process::retry([&] { return ::read(fifo, buffer, sizeof(buffer)); });
    result.ended = n == 0;
    if (n <= 0)
      break;
    result.bytes += static_cast<std::uint64_t>(n);
  }
  return result;
}

} // namespace

drain_state::~drain_state() {
  for (auto& [which, x] : streams_)
    x.watch->close();
}

// -- requests -----------------------------------------------------------------

void drain_state::attach(const std::string& key, std::uint32_t count) {
  if (!thrown_away_.try_emplace(key, 0).second)
    return;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto path = process::output_path(links.runtime_dir, key, i == 1);
    auto fifo = path ? process::open_output_fifo(*path)
                     : result<process::fifo_reader>{path.error()};
    if (!fifo)
      continue;
    auto watch = links.watch(fifo->fd.get());
    auto which = ++last_ticket_;
    wait(which,
         streams_
           .emplace(which, stream{key, std::move(fifo->fd), std::move(watch)})
           .first->second);
  }
}

std::uint64_t drain_state::detach(const std::string& key) {
  std::erase_if(streams_, [&key](auto& x) {
    if (x.second.key != key)
      return false;
    x.second.watch->close();
    return true;
  });
  auto found = thrown_away_.extract(key);
  return found ? found.mapped() : 0;
}

// -- events -------------------------------------------------------------------

void drain_state::readable(ticket which) {
  auto i = streams_.find(which);
  if (i == streams_.end())
    return;
  auto found = empty(i->second.fifo.get());
  thrown_away_.at(i->second.key) += found.bytes;
  self->delayed_send(self, found.ended ? long_rest : rest, atom::expire_v,
                     which);
}

void drain_state::expire(ticket which) {
  if (auto i = streams_.find(which); i != streams_.end())
    wait(which, i->second);
}

// -- helpers ------------------------------------------------------------------

void drain_state::wait(ticket which, stream& x) {
  auto me = caf::actor_cast<drain_actor>(self);
  x.watch->when_readable(
    [me, which] { caf::anon_send(me, atom::readable_v, which); });
}

// -- behavior -----------------------------------------------------------------

drain_actor::behavior_type
drain(drain_actor::stateful_pointer<drain_state> self, drain_links links) {
  self->state.links = std::move(links);
  return {
    [self](atom::attach, const std::string& key, std::uint32_t count) {
      self->state.attach(key, count);
    },
    [self](atom::detach, const std::string& key) {
      return self->state.detach(key);
    },
    [self](atom::readable, std::uint64_t which) {
      self->state.readable(which);
    },
    [self](atom::expire, std::uint64_t which) { self->state.expire(which); },
  };
}

} // namespace saker

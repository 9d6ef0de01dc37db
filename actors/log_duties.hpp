#pragma once

#include "messages/writer_actor.hpp"

#include <string>
#include <utility>

namespace saker {

/// The behavior of whoever serves logs: what the address for all and each
/// WRITER behind it take alike, and `more`, which is their own. The state has
/// a method of the same name for each message.
template <class Actor, class Self, class... More>
typename Actor::behavior_type log_duties(Self self, More... more) {
  return {
    [self](atom::finish, const std::string& key) {
      return self->state.finish(key);
    },
    [self](atom::tail, const std::string& path, std::uint32_t lines) {
      return self->state.tail(path, lines);
    },
    [self](atom::rotate, const std::string& key) {
      return self->state.rotate(key);
    },
    [self](atom::clear, const std::string& key) {
      return self->state.clear(key);
    },
    [self](atom::watch, const std::string& key,
           const output_listener_actor& who) { self->state.watch(key, who); },
    [self](atom::withdraw, const std::string& key,
           const output_listener_actor& who) {
      self->state.withdraw(key, who);
    },
    [self](atom::listen, const log_listener_actor& who) {
      self->state.listen(who);
    },
    std::move(more)...,
  };
}

} // namespace saker

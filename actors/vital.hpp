#pragma once

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/error.hpp>
#include <caf/sec.hpp>

#include <utility>

namespace saker {

/// Calls `ended`, on any thread, should this actor end by a fault of ours: an
/// exception that nobody caught. The others would go on, and nobody would do its
/// work; the node as a whole can be started anew. Returns the handle.
template <class Handle, class F>
Handle vital(Handle who, F ended) {
  caf::actor_cast<caf::strong_actor_ptr>(who)->get()->attach_functor(
    [ended = std::move(ended)](const caf::error& why) {
      if (why == caf::sec::runtime_error)
        ended();
    });
  return who;
}

} // namespace saker

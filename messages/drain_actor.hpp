#pragma once

#include "messages/atoms.hpp"

#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>

namespace saker {

/// The DRAIN: throws output away where nobody can write it down.
using drain_actor = caf::typed_actor<
  // Empty the FIFOs of that key, one or two, until `detach`.
  caf::reacts_to<atom::attach, std::string, std::uint32_t>,
  // No more; the answer is how many bytes it was.
  caf::replies_to<atom::detach, std::string>::with<std::uint64_t>,
  // SELF: that FIFO is readable.
  caf::reacts_to<atom::readable, std::uint64_t>,
  // SELF: look at it again.
  caf::reacts_to<atom::expire, std::uint64_t>>;

} // namespace saker

#pragma once

#include "messages/atoms.hpp"

#include <caf/typed_actor.hpp>

#include <string>
#include <vector>

namespace saker {

/// The USER FILE: what ACL SETUSER made of users, as lines of ACL LIST.
using user_file_actor = caf::typed_actor<
  // Keep these and no others, for ever: ACL SAVE.
  caf::replies_to<atom::change, std::vector<std::string>>::with<bool>,
  // These and no others count until Saker ends, whatever becomes of the node.
  caf::replies_to<atom::apply, std::vector<std::string>>::with<bool>,
  // These too, in place of what the same users had before. Fails where there is
  // nothing to add to, or so much was added that it has to be written anew.
  caf::replies_to<atom::append, std::vector<std::string>>::with<bool>,
  // What is kept for ever: ACL LOAD.
  caf::replies_to<atom::load>::with<std::vector<std::string>>>;

} // namespace saker

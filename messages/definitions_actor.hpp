#pragma once

#include "messages/atoms.hpp"
#include "supervision/plan.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace saker {

/// Definition files as data.
struct evaluation {
  supervision::service_set services;
  std::vector<std::string> errors;   ///< `file:line: what; what to do`
  std::vector<std::string> warnings; ///< likewise
  /// The texts that `services` come from, to be stored when they are accepted.
  std::shared_ptr<const void> sources;
};

/// The DEFINITIONS: reads and evaluates definition files; may take its time.
using definitions_actor = caf::typed_actor<
  // Read these files, none = all of the directory, and evaluate everything. A
  // file with an error counts as it was accepted last.
  caf::replies_to<atom::load, std::vector<std::string>>::with<evaluation>,
  // Store what was accepted: from now on it counts after a crash.
  caf::replies_to<atom::apply, evaluation>::with<bool>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::evaluation)

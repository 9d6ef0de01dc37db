#pragma once

#include "messages/atoms.hpp"
#include "process/usage_meter.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <vector>

namespace saker {

using pid_list = std::vector<pid_t>;

/// Figures of the trees that were asked for; never null.
using shared_usage = std::shared_ptr<const process::usage_table>;

/// The SAMPLER: looks what processes cost, when somebody asks.
using sampler_actor = caf::typed_actor<
  // What these processes and their descendants cost.
  caf::replies_to<atom::query, pid_list>::with<shared_usage>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::pid_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::shared_usage)

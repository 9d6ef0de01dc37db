#pragma once

#include "base/result.hpp"

#include <caf/error.hpp>
#include <caf/make_message.hpp>

CAF_ERROR_CODE_ENUM(saker::errc, "saker")

namespace saker {

/// Lifts a failure of the pure layers into the actor world.
inline caf::error to_error(const failure& why) {
  return caf::make_error(why.code, why.detail);
}

/// The way back: our own errors keep code and detail; CAF's become `closed`
/// (the other actor is gone), `timeout` or `refused` with CAF's text.
failure to_failure(const caf::error& why);

/// Our errors for `actor_system_config::add_error_category`.
std::string render(std::uint8_t code, caf::atom_value category,
                   const caf::message& context);

} // namespace saker

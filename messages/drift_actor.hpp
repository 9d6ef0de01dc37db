#pragma once

#include "messages/atoms.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace saker {

/// How files on disk differ from what is in force, by name and in words:
/// `web.lua (changed)`, `new.lua (new)`, `old.lua (gone)`.
struct drift_report {
  std::vector<std::string> services;
  std::vector<std::string> configuration;

  /// Parameters that CONFIG REWRITE keeps beside saker.toml.
  std::vector<std::string> overrides = {};

  /// Files that differ.
  std::size_t count() const noexcept {
    return services.size() + configuration.size();
  }

  bool operator==(const drift_report&) const = default;
};

/// The DRIFT: looks whether somebody edited files and has not applied them.
using drift_actor = caf::typed_actor<
  // How it is now.
  caf::replies_to<atom::status>::with<drift_report>>;

} // namespace saker

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(saker::drift_report)

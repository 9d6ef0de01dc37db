#pragma once

#include "supervision/sequencer.hpp"

#include <string>

namespace saker::supervision {

/// One event as it is kept.
struct past_event {
  event_id id;
  std::string key;     ///< `name#index`; empty: of the whole node
  std::string name;    ///< `exit`, `running`…, `gap`
  std::string payload; ///< what was published: one line of JSON

  bool operator==(const past_event&) const = default;
};

} // namespace saker::supervision

#pragma once

#include "supervision/sequencer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace saker::supervision {

/// One event as it is kept.
struct past_event {
  event_id id;
  std::string key;     ///< `name#index`; empty: of the whole node
  std::string name;    ///< `exit`, `running`…, `gap`; or whose share it takes
  std::string payload; ///< what was published: one line of JSON

  bool operator==(const past_event&) const = default;
};

/// A piece of what happened, read forwards: the first `count` events behind
/// `after`.
struct past_page {
  std::vector<std::string> keys; ///< those of the whole node come along
  bool all = false;              ///< whatever the key, also of removed services
  event_id after;
  std::uint32_t count = 0;
};

} // namespace saker::supervision

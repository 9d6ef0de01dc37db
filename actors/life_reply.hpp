#pragma once

#include "messages/journal_actor.hpp"
#include "resp/value.hpp"

#include <string>
#include <vector>

namespace saker {

/// What happened, in a few words: `exit 1 after 3s; pid 4107; row *`.
std::string event_detail(const supervision::past_event& x);

/// The reply to SVLIFE: an array of maps `id time name event detail`, in the
/// order given. `time` is Unix ms; `name` is null where it concerns the node.
resp::value life_rows(const past_events& all);

/// The same as published: an array of JSON texts.
resp::value life_json(const past_events& all);

/// The same for eyes: a line for each, with local time. ASCII only.
std::vector<std::string> life_text(const past_events& all);

} // namespace saker

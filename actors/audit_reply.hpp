#pragma once

#include "resp/value.hpp"
#include "supervision/past_event.hpp"

#include <vector>

namespace saker {

/// The reply of SVAUDIT: a map for each, with the keys of the events and their
/// values.
resp::value audit_rows(const std::vector<supervision::past_event>& all);

} // namespace saker

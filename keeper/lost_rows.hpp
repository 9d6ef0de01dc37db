#pragma once

#include "keeper/survivors.hpp"
#include "keeper/table.hpp"

#include <vector>

namespace saker::keeper {

/// Those of `all` that stand for the keys which no row of `known` has: one of
/// each key, the one that is most likely the child. The leader of a session
/// comes before its descendants, who runs as root or as we do before others,
/// a later start of the key before an earlier one.
std::vector<const survivor*>
choose_lost(const std::vector<survivor>& all, const table& known);

/// What can be said of a row that is lost; the rest has its default.
entry rebuild(const survivor& x, link::output_mode output);

} // namespace saker::keeper

#pragma once

#include "messages/definitions_actor.hpp"
#include "resp/value.hpp"
#include "supervision/plan.hpp"

#include <string>
#include <vector>

namespace saker {

/// What an apply does or would do, and of what quality the files are.
struct plan_view {
  const supervision::plan& what;
  const supervision::impact& effect;
  const evaluation& from;
  bool dry = false; ///< nothing is done, whatever it says
};

/// The reply to SVPLAN and SVAPPLY as a map: `add live restart remove
/// unchanged errors warnings running ends needs_force`. `add` and `remove` are
/// names, `live` and `restart` also tell the keys that differ.
resp::value plan_map(const plan_view& x);

/// The same for eyes: a line for each service, errors with file and line.
/// ASCII only.
std::vector<std::string> plan_text(const plan_view& x);

} // namespace saker

#pragma once

#include "link/end.hpp"
#include "process/exit_status.hpp"
#include "process/spawn_step.hpp"

#include <string_view>

namespace saker::keeper {

/// How a child ended, as the link tells it.
link::end_record record_of(const process::exit_status& x);

/// Why a child never ran. `step` replaces the spawner's, unless empty.
link::end_record
record_of(const process::spawn_failure& x, std::string_view step = {});

} // namespace saker::keeper

#pragma once

#include "cli/work.hpp"

namespace saker::cli {

/// `saker start`, `stop`, `signal`, `scale` and their like: one command, and a
/// line for each instance.
result<int> control(work& with);

/// `saker wait`: a line for each instance, where it stands.
result<int> wait_for_state(work& with);

/// `saker plan`, `saker apply`.
result<int> change_definitions(work& with);

/// `saker shutdown`: returns when nothing listens any more.
result<int> shut_down(work& with);

/// `saker exec`.
result<int> execute(work& with);

} // namespace saker::cli

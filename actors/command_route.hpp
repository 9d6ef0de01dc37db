#pragma once

#include "actors/connection.hpp"

namespace saker {

/// Who carries out a command; nobody if its script is gone.
command_actor
route(const connection_links& links, const session::request& what);

/// The reply when `route` found nobody.
resp::value nobody_there();

} // namespace saker

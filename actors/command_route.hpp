#pragma once

#include "actors/connection.hpp"

namespace saker {

/// Who carries out a command; nobody if its script is gone.
command_actor
route(const connection_links& links, const session::request& what);

/// Who carries out a command on this node, which is called `node`, because it
/// named it or another node asks. Completes what the session of a client would
/// have: of CALL the script with that alias, if these rights allow it.
///
/// Fails: `loading`, `not_permitted`, `syntax`, `script_error` with the word
/// NOSCRIPT.
result<command_actor>
carrier_here(const connection_links& links, const std::string& node,
             session::request& what);

/// The reply when `route` found nobody.
resp::value nobody_there();

} // namespace saker

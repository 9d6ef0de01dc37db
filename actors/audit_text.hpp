#pragma once

#include "session/audit.hpp"

#include <string>
#include <string_view>

namespace saker {

/// The channel on which it is told: `audit:<node>:<user>`; the user is `-` where
/// there is none: nobody has said who it is, or refusals are counted.
std::string audit_channel(std::string_view node, const session::audit_entry& x);

/// One line of JSON, in ASCII; what is not known is null.
std::string audit_payload(std::string_view node, const session::audit_entry& x);

/// The line of the log.
std::string audit_line(const session::audit_entry& x);

} // namespace saker

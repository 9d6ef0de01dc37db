#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace saker::process {

/// Of a name or a number; empty: our own. Nothing: there is no such user. May
/// take long: it asks whoever knows users (LDAP).
std::optional<uid_t> uid_of(const std::string& user);

/// The name of a user, or the number where it has none.
std::string user_name(uid_t uid);

} // namespace saker::process

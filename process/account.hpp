#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>

#include <sys/types.h>

namespace saker::process {

/// The uid of a user by name or number. Asks the name services (LDAP), which
/// may block. Fails: errc::not_found, errc::io.
result<uid_t> find_uid(const std::string& user);

/// Likewise; empty: our own. Nothing: there is no such user.
std::optional<uid_t> uid_of(const std::string& user);

/// The name of a user, or the number where it has none.
std::string user_name(uid_t uid);

} // namespace saker::process

#pragma once

#include "config/settings.hpp"

#include "acl/user_list.hpp"

namespace saker::config {

/// The users at a start: `default` and `guest`, as [users.NAME] changes them,
/// and those that it adds. Fails: errc::invalid_argument for what read_user_key
/// would have refused.
result<acl::user_list> users_of(const settings& x);

/// What `x` means as rules of ACL SETUSER.
std::vector<std::string> rules_of(const user_settings& x);

} // namespace saker::config

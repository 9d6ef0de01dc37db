#pragma once

#include "acl/user_list.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "session/parameters.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace saker::node {

// What commands keep in the state directory, beside what a person wrote:
// overrides.toml and users.acl. A start reads them, and `saker check` looks.

/// Errors, a line each; those that name a line of `overrides.toml` also say what
/// to do.
std::string
with_advice(const std::string& errors, const std::filesystem::path& overrides);

/// The users by saker.toml alone; the password of `default` is that of the
/// parameters. Fails: errc::invalid_argument.
result<acl::user_list>
configured_users(const config::settings& x, const session::parameters& with);

/// Makes of `users` what `file`, a users.acl, says; nothing if it is not there or
/// has a fault. Gives what is wrong with it, or with those who could come in
/// then: a text each, with its place and what to do. `grown`: a node added to the
/// file while it ran.
std::vector<std::string>
add_kept_users(acl::user_list& users, const std::filesystem::path& file,
               bool grown, const config::settings& x,
               const session::parameters& with);

} // namespace saker::node

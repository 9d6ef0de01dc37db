#pragma once

#include "acl/user_list.hpp"
#include "config/settings.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

namespace saker::config {

/// The users at a start: `default` and `guest`, as [users.NAME] changes them,
/// and those that it adds. Fails: errc::invalid_argument for what read_user_key
/// would have refused.
result<acl::user_list> users_of(const settings& x);

/// What `x` means as rules of ACL SETUSER.
std::vector<std::string> rules_of(const user_settings& x);

/// `users.acl` in the state directory: the users that ACL SAVE kept, in the form
/// of Redis, read after saker.toml. That in the runtime directory is for a node
/// that is started again by its keeper.
std::filesystem::path users_file(const std::filesystem::path& directory);

/// As much of it is read, in bytes: a few hundred thousand users.
constexpr std::size_t largest_users_file = std::size_t{64} << 20;

/// What stands in it. Fails: errc::limit if nobody could read it again.
result<std::string> users_text(const std::vector<std::string>& lines,
                               std::size_t limit = largest_users_file);

/// Its lines; none if it is not there. Fails: errc::io, errc::limit,
/// errc::not_permitted if others than root and `own` can write it.
result<std::vector<std::string>>
read_users(const std::filesystem::path& path, uid_t own = ::geteuid());

/// What counts of a file to which lines were added: of each user the last one,
/// unless that is `deluser NAME`, and nothing that was not written to its end.
std::vector<std::string> newest_users(std::vector<std::string> lines);

/// What is right when nobody knows who may do what: all users are off, and no
/// password of `default` is right. Its owner comes in over the UNIX socket.
void shut(acl::user_list& users);

} // namespace saker::config

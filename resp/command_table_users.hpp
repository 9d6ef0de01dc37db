#pragma once

#include "resp/command_table_entry.hpp"

/// Users and their rules.
namespace saker::resp::tables {

inline constexpr argument_info optional_category[]{
  {.name = "category", .optional = true}};
inline constexpr argument_info usernames[]{
  {.name = "username", .multiple = true}};
inline constexpr argument_info one_username[]{{.name = "username"}};
inline constexpr argument_info username_and_command[]{
  {.name = "username"},
  {.name = "command"},
  {.name = "arg", .optional = true, .multiple = true}};
inline constexpr argument_info username_and_rules[]{
  {.name = "username"}, {.name = "rule", .optional = true, .multiple = true}};
inline constexpr argument_info optional_bits[]{
  {.name = "bits", .type = kind::integer, .optional = true}};
inline constexpr argument_info denials_or_reset[]{
  {.name = "count", .type = kind::integer},
  {.name = "reset", .type = kind::token, .token = "RESET"}};
inline constexpr argument_info log_of_denials[]{{.name = "operation",
                                                 .type = kind::oneof,
                                                 .optional = true,
                                                 .parts = denials_or_reset}};

inline constexpr command_info of_acl[]{
  {"acl|cat", id::acl_cat, -2, flag::noscript | plain, right::none,
   target::local, "@slow", "server",
   "Return the categories of commands, or the commands of one.", "1.0.0",
   optional_category},
  {"acl|deluser", id::acl_deluser, -3, of_users, right::admin, target::gateway,
   "@admin @slow @dangerous", "server",
   "Delete users and disconnect their clients; return how many there were.",
   "1.0.0", usernames},
  {"acl|dryrun", id::acl_dryrun, -4, of_users, right::admin, target::local,
   "@admin @slow @dangerous", "server",
   "Tell whether a user may run a command, without running it.", "1.0.0",
   username_and_command},
  {"acl|genpass", id::acl_genpass, -2, flag::noscript | plain, right::none,
   target::local, "@slow", "server",
   "Return a password that nobody can guess: hex digits for so many bits "
   "(256).",
   "1.0.0", optional_bits},
  {"acl|getuser", id::acl_getuser, 3, of_users, right::admin, target::local,
   "@admin @slow @dangerous", "server", "Return the rules of a user.", "1.0.0",
   one_username},
  {"acl|help", id::acl_help, 2, plain, right::none, target::local, "@slow",
   "server", "Print this help.", "1.0.0"},
  {"acl|list", id::acl_list, 2, of_users, right::admin, target::local,
   "@admin @slow @dangerous", "server",
   "Return the rules of all users, a line for each.", "1.0.0"},
  {"acl|load", id::acl_load, 2, of_users, right::admin, target::gateway,
   "@admin @slow @dangerous", "server",
   "Take the users as saker.toml makes them and ACL SAVE kept them.", "1.0.0"},
  {"acl|log", id::acl_log, -2, of_users, right::admin, target::local,
   "@admin @slow @dangerous", "server",
   "Return the latest refusals, or forget them.", "1.0.0", log_of_denials},
  {"acl|save", id::acl_save, 2, of_users, right::admin, target::gateway,
   "@admin @slow @dangerous", "server",
   "Keep what ACL made of users, for the next starts too.", "1.0.0"},
  {"acl|setuser", id::acl_setuser, -3, of_users, right::admin, target::gateway,
   "@admin @slow @dangerous", "server", "Make a user, or change one, by rules.",
   "1.0.0", username_and_rules},
  {"acl|users", id::acl_users, 2, of_users, right::admin, target::local,
   "@admin @slow @dangerous", "server", "Return the names of all users.",
   "1.0.0"},
  {"acl|whoami", id::acl_whoami, 2, flag::noscript | plain, right::none,
   target::local, "@slow", "server", "Return the user of this connection.",
   "1.0.0"},
};

inline constexpr command_info users_commands[]{
  {"acl",
   id::acl,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow",
   "server",
   "Tell who may do what.",
   "1.0.0",
   {},
   of_acl},
};

} // namespace saker::resp::tables

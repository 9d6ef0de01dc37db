#pragma once

#include "resp/command_table_entry.hpp"

/// The node, and what it can do.
namespace saker::resp::tables {

inline constexpr argument_info optional_command[]{
  {.name = "command", .optional = true}};
inline constexpr argument_info command_and_arguments[]{
  {.name = "command"}, {.name = "arg", .optional = true, .multiple = true}};
inline constexpr argument_info list_filters[]{
  {.name = "module-name", .token = "MODULE"},
  {.name = "category", .token = "ACLCAT"},
  {.name = "pattern", .type = kind::pattern, .token = "PATTERN"}};
inline constexpr argument_info list_filter[]{{.name = "filterby",
                                              .type = kind::oneof,
                                              .optional = true,
                                              .token = "FILTERBY",
                                              .parts = list_filters}};
inline constexpr argument_info debug_actions[]{
  {.name = "seconds", .type = kind::integer, .token = "SLEEP"},
  {.name = "message", .token = "LOG"},
  {.name = "error", .token = "ERROR"},
  {.name = "type", .token = "PROTOCOL"},
  {.name = "help", .type = kind::token, .token = "HELP"}};
inline constexpr argument_info debug_action[]{
  {.name = "action", .type = kind::oneof, .parts = debug_actions}};
inline constexpr argument_info parameters[]{
  {.name = "parameter", .type = kind::pattern, .multiple = true}};
inline constexpr argument_info parameter_and_value[]{{.name = "parameter"},
                                                     {.name = "value"}};
inline constexpr argument_info parameters_and_values[]{
  {.name = "data",
   .type = kind::block,
   .multiple = true,
   .parts = parameter_and_value}};
inline constexpr argument_info shutdown_options[]{
  {.name = "keep", .type = kind::token, .optional = true, .token = "KEEP"}};

inline constexpr command_info of_command[]{
  {"command|count", id::command_count, 2, plain, right::none, target::local,
   "@slow @connection", "server", "Return the number of commands.", "1.0.0"},
  {"command|docs", id::command_docs, -2, plain, right::none, target::local,
   "@slow @connection", "server",
   "Return the documentation of these or of all commands.", "1.0.0",
   some_commands},
  {"command|getkeys", id::command_getkeys, -4, plain, right::none,
   target::local, "@slow @connection", "server",
   "Return the keys in a command; hardly one here has any.", "1.0.0",
   command_and_arguments},
  {"command|getkeysandflags", id::command_getkeysandflags, -4, plain,
   right::none, target::local, "@slow @connection", "server",
   "Return the keys in a command, and what it does with them.", "1.0.0",
   command_and_arguments},
  {"command|help", id::command_help, 2, plain, right::none, target::local,
   "@slow @connection", "server", "Print this help.", "1.0.0"},
  {"command|info", id::command_info, -2, plain, right::none, target::local,
   "@slow @connection", "server",
   "Return details about these or about all commands.", "1.0.0", some_commands},
  {"command|list", id::command_list, -2, plain, right::none, target::local,
   "@slow @connection", "server", "Return the names of all commands.", "1.0.0",
   list_filter},
};

inline constexpr command_info of_config[]{
  {"config|get", id::config_get, -3, flag::admin | flag::noscript | plain,
   right::admin, target::gateway, "@admin @slow @dangerous", "server",
   "Return the values of parameters.", "1.0.0", parameters},
  {"config|help", id::config_help, 2, plain, right::none, target::local,
   "@slow", "server", "Print this help.", "1.0.0"},
  {"config|resetstat", id::config_resetstat, 2,
   flag::admin | flag::noscript | plain, right::admin, target::gateway,
   "@admin @slow @dangerous", "server",
   "Forget what INFO tells of commands, errors and connections.", "1.0.0"},
  {"config|rewrite", id::config_rewrite, 2,
   flag::admin | flag::noscript | plain, right::admin, target::gateway,
   "@admin @slow @dangerous", "server",
   "Keep what CONFIG SET changed, in overrides.toml.", "1.0.0"},
  {"config|set", id::config_set, -4, flag::admin | flag::noscript | plain,
   right::admin, target::gateway, "@admin @slow @dangerous", "server",
   "Change parameters, all of them or none.", "1.0.0", parameters_and_values},
};

inline constexpr command_info server_commands[]{
  {"command",
   id::command,
   -1,
   plain | flag::container,
   right::none,
   target::local,
   "@slow @connection",
   "server",
   "Return details about all commands.",
   "1.0.0",
   {},
   of_command},
  {"config",
   id::config,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow",
   "server",
   "Look at parameters and change them.",
   "1.0.0",
   {},
   of_config},
  {"debug", id::debug, -2, flag::admin | flag::noscript | plain, right::admin,
   target::gateway, "@admin @slow @dangerous", "server",
   "What tests of clients need: SLEEP, LOG, ERROR, PROTOCOL and more; DEBUG "
   "HELP lists all.",
   "1.0.0", debug_action},
  {"help", id::help, -1, plain, right::none, target::local, "@slow @connection",
   "server", "Explain how to type a command, or list all.", "1.0.0",
   optional_command},
  {"monitor", id::monitor, 1, flag::admin | flag::noscript | plain,
   right::admin, target::local, "@admin @slow @dangerous", "server",
   "Show the commands of all clients, until RESET or the end.", "1.0.0"},
  {"shutdown", id::shutdown, -1,
   flag::admin | flag::noscript | plain | flag::no_multi, right::admin,
   target::node, "@admin @slow @dangerous", "server",
   "Stop all services in order, then the node; KEEP leaves them running. "
   "NOSAVE, "
   "SAVE, NOW and FORCE, as in Redis, change nothing.",
   "1.0.0", shutdown_options},
  {"time", id::time, 1, quick, right::none, target::local, "@fast", "server",
   "Return the server time: seconds, microseconds.", "1.0.0"},
};

} // namespace saker::resp::tables

#pragma once

#include "resp/command_table_entry.hpp"

/// The connection itself.
namespace saker::resp::tables {

inline constexpr argument_info user_and_password[]{
  {.name = "username", .optional = true}, {.name = "password"}};
inline constexpr argument_info hello_auth[]{{.name = "username"},
                                            {.name = "password"}};
inline constexpr argument_info hello_all[]{
  {.name = "protover", .type = kind::integer, .optional = true},
  {.name = "auth",
   .type = kind::block,
   .optional = true,
   .token = "AUTH",
   .parts = hello_auth},
  {.name = "clientname", .optional = true, .token = "SETNAME"}};
inline constexpr argument_info optional_message[]{
  {.name = "message", .optional = true}};
inline constexpr argument_info one_message[]{{.name = "message"}};
inline constexpr argument_info database_index[]{
  {.name = "index", .type = kind::integer}};
inline constexpr argument_info connection_name[]{{.name = "connection-name"}};
inline constexpr argument_info library_attributes[]{
  {.name = "libname", .token = "LIB-NAME"},
  {.name = "libver", .token = "LIB-VER"}};
inline constexpr argument_info library_attribute[]{
  {.name = "attr", .type = kind::oneof, .parts = library_attributes}};
inline constexpr argument_info client_types[]{
  {.name = "normal", .type = kind::token, .token = "NORMAL"},
  {.name = "master", .type = kind::token, .token = "MASTER"},
  {.name = "replica", .type = kind::token, .token = "REPLICA"},
  {.name = "pubsub", .type = kind::token, .token = "PUBSUB"}};
inline constexpr argument_info client_selection[]{{.name = "client-type",
                                                   .type = kind::oneof,
                                                   .optional = true,
                                                   .token = "TYPE",
                                                   .parts = client_types},
                                                  {.name = "client-id",
                                                   .type = kind::integer,
                                                   .optional = true,
                                                   .multiple = true,
                                                   .token = "ID"}};
inline constexpr argument_info kill_filters[]{
  {.name = "client-id", .type = kind::integer, .optional = true, .token = "ID"},
  {.name = "client-type",
   .type = kind::oneof,
   .optional = true,
   .token = "TYPE",
   .parts = client_types},
  {.name = "username", .optional = true, .token = "USER"},
  {.name = "address", .optional = true, .token = "ADDR"},
  {.name = "local-address", .optional = true, .token = "LADDR"},
  {.name = "yes-or-no", .optional = true, .token = "SKIPME"}};
inline constexpr argument_info kill_selections[]{
  {.name = "address"},
  {.name = "filter", .type = kind::block, .parts = kill_filters}};
inline constexpr argument_info kill_selection[]{
  {.name = "selection", .type = kind::oneof, .parts = kill_selections}};
inline constexpr argument_info yes_and_no[]{
  {.name = "yes", .type = kind::token, .token = "YES"},
  {.name = "no", .type = kind::token, .token = "NO"}};
inline constexpr argument_info yes_or_no[]{
  {.name = "mode", .type = kind::oneof, .parts = yes_and_no}};
inline constexpr argument_info pause_modes[]{
  {.name = "write", .type = kind::token, .token = "WRITE"},
  {.name = "all", .type = kind::token, .token = "ALL"}};
inline constexpr argument_info time_and_mode[]{
  {.name = "timeout", .type = kind::integer},
  {.name = "mode",
   .type = kind::oneof,
   .optional = true,
   .parts = pause_modes}};
inline constexpr argument_info unblock_types[]{
  {.name = "timeout", .type = kind::token, .token = "TIMEOUT"},
  {.name = "error", .type = kind::token, .token = "ERROR"}};
inline constexpr argument_info id_and_reason[]{
  {.name = "client-id", .type = kind::integer},
  {.name = "unblock-type",
   .type = kind::oneof,
   .optional = true,
   .parts = unblock_types}};
inline constexpr argument_info on_and_off[]{
  {.name = "on", .type = kind::token, .token = "ON"},
  {.name = "off", .type = kind::token, .token = "OFF"}};
inline constexpr argument_info on_or_off[]{
  {.name = "enabled", .type = kind::oneof, .parts = on_and_off}};
inline constexpr argument_info tracking_options[]{
  {.name = "status", .type = kind::oneof, .parts = on_and_off},
  {.name = "client-id",
   .type = kind::integer,
   .optional = true,
   .token = "REDIRECT"},
  {.name = "prefix", .optional = true, .multiple = true, .token = "PREFIX"},
  {.name = "bcast", .type = kind::token, .optional = true, .token = "BCAST"},
  {.name = "optin", .type = kind::token, .optional = true, .token = "OPTIN"},
  {.name = "optout", .type = kind::token, .optional = true, .token = "OPTOUT"},
  {.name = "noloop", .type = kind::token, .optional = true, .token = "NOLOOP"}};
inline constexpr argument_info reply_modes[]{
  {.name = "on", .type = kind::token, .token = "ON"},
  {.name = "off", .type = kind::token, .token = "OFF"},
  {.name = "skip", .type = kind::token, .token = "SKIP"}};
inline constexpr argument_info reply_mode[]{
  {.name = "mode", .type = kind::oneof, .parts = reply_modes}};
inline constexpr argument_info one_subcommand[]{
  {.name = "subcommand"}, {.name = "arg", .optional = true, .multiple = true}};

inline constexpr command_info of_client[]{
  {"client|caching", id::client_caching, 3, flag::noscript | plain, right::none,
   target::local, "@slow @connection", "connection",
   "Tell whether the next command is tracked; there are no keys.", "1.0.0",
   yes_or_no},
  {"client|getname", id::client_getname, 2, flag::noscript | plain, right::none,
   target::local, "@slow @connection", "connection",
   "Return the name of the current connection.", "1.0.0"},
  {"client|getredir", id::client_getredir, 2, flag::noscript | plain,
   right::none, target::local, "@slow @connection", "connection",
   "Return the client that is told what this one tracks.", "1.0.0"},
  {"client|help", id::client_help, 2, plain, right::none, target::local,
   "@slow @connection", "connection", "Print this help.", "1.0.0"},
  {"client|id", id::client_id, 2, flag::noscript | plain, right::none,
   target::local, "@slow @connection", "connection",
   "Return the ID of the current connection.", "1.0.0"},
  {"client|info", id::client_info, 2, flag::noscript | plain, right::none,
   target::local, "@slow @connection", "connection",
   "Return the line of CLIENT LIST about this connection.", "1.0.0"},
  {"client|kill", id::client_kill, -3, flag::admin | flag::noscript | plain,
   right::admin, target::gateway, "@admin @slow @dangerous @connection",
   "connection", "Close connections by their address or by filters.", "1.0.0",
   kill_selection},
  {"client|list", id::client_list, -2, flag::admin | flag::noscript | plain,
   right::status, target::gateway, "@admin @slow @dangerous @connection",
   "connection", "Return one line for each client connection.", "1.0.0",
   client_selection},
  {"client|no-evict", id::client_no_evict, 3, flag::noscript | plain,
   right::none, target::local, "@slow @connection", "connection",
   "Accepted for clients that ask for it; changes nothing.", "1.0.0",
   on_or_off},
  {"client|no-touch", id::client_no_touch, 3, flag::noscript | plain,
   right::none, target::local, "@slow @connection", "connection",
   "Accepted for clients that ask for it; changes nothing.", "1.0.0",
   on_or_off},
  {"client|pause", id::client_pause, -3, flag::admin | flag::noscript | plain,
   right::admin, target::gateway, "@admin @slow @dangerous @connection",
   "connection", "Hold the commands of all clients for some milliseconds.",
   "1.0.0", time_and_mode},
  {"client|reply", id::client_reply, 3, flag::noscript | flag::no_multi | plain,
   right::none, target::local, "@slow @connection", "connection",
   "Send replies, send none, or skip the next one.", "1.0.0", reply_mode},
  {"client|setinfo", id::client_setinfo, 4, flag::noscript | plain, right::none,
   target::local, "@slow @connection", "connection",
   "Tell the name or version of the client's library.", "1.0.0",
   library_attribute},
  {"client|setname", id::client_setname, 3, flag::noscript | plain, right::none,
   target::local, "@slow @connection", "connection",
   "Assign a name to the current connection.", "1.0.0", connection_name},
  {"client|tracking", id::client_tracking, -3, flag::noscript | plain,
   right::none, target::local, "@slow @connection", "connection",
   "Accepted for clients that cache: there are no keys that could change.",
   "1.0.0", tracking_options},
  {"client|trackinginfo", id::client_trackinginfo, 2, flag::noscript | plain,
   right::none, target::local, "@slow @connection", "connection",
   "Return what CLIENT TRACKING was told.", "1.0.0"},
  {"client|unblock", id::client_unblock, -3,
   flag::admin | flag::noscript | plain, right::admin, target::gateway,
   "@admin @slow @dangerous @connection", "connection",
   "End the waiting of a client in SVWAIT.", "1.0.0", id_and_reason},
  {"client|unpause", id::client_unpause, 2,
   flag::admin | flag::noscript | plain, right::admin, target::gateway,
   "@admin @slow @dangerous @connection", "connection",
   "Let the commands of clients go on.", "1.0.0"},
};

inline constexpr command_info connection_commands[]{
  {"asking", id::asking, 1, flag::fast, right::none, target::local,
   "@fast @connection", "server", "Refused: this is no Redis Cluster.",
   "1.0.0"},
  {"auth", id::auth, -2, flag::noscript | quick | flag::no_auth, right::none,
   target::local, "@fast @connection", "connection",
   "Authenticate the connection.", "1.0.0", user_and_password},
  {"client",
   id::client,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow",
   "connection",
   "Look at and name client connections.",
   "1.0.0",
   {},
   of_client},
  {"cluster", id::cluster, -2, flag::none, right::none, target::local, "@slow",
   "server", "Refused: this is no Redis Cluster.", "1.0.0", one_subcommand},
  {"echo", id::echo, 2, quick, right::none, target::local, "@fast @connection",
   "connection", "Return the message.", "1.0.0", one_message},
  {"hello", id::hello, -1, flag::noscript | quick | flag::no_auth, right::none,
   target::local, "@fast @connection", "connection",
   "Choose the protocol, authenticate, name the connection.", "1.0.0",
   hello_all},
  {"ping", id::ping, -1, flag::fast | flag::subscribed, right::none,
   target::local, "@fast @connection", "connection", "Ping the server.",
   "1.0.0", optional_message},
  {"quit", id::quit, -1,
   flag::noscript | quick | flag::no_auth | flag::subscribed, right::none,
   target::local, "@fast @connection", "connection", "Close the connection.",
   "1.0.0"},
  {"readonly", id::readonly, 1, quick, right::none, target::local,
   "@fast @connection", "server", "Refused: this is no Redis Cluster.",
   "1.0.0"},
  {"readwrite", id::readwrite, 1, quick, right::none, target::local,
   "@fast @connection", "server", "Refused: this is no Redis Cluster.",
   "1.0.0"},
  {"reset", id::reset, 1,
   flag::noscript | quick | flag::no_auth | flag::subscribed, right::none,
   target::local, "@fast @connection", "connection",
   "Bring the connection back to how it started.", "1.0.0"},
  {"select", id::select, 2, quick, right::none, target::local,
   "@fast @connection", "connection",
   "Accepted for clients that choose a database; changes nothing.", "1.0.0",
   database_index},
};

} // namespace saker::resp::tables

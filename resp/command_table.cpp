#include "resp/command_table.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace saker::resp {

namespace {

using id = command_id;
using kind = argument_info::kind;

constexpr auto quick = flag::fast | flag::loading | flag::stale;
constexpr auto plain = flag::loading | flag::stale;
constexpr auto messaging = flag::pubsub | flag::noscript | plain;
// Their confirmations are no replies: within EXEC they would break its array.
constexpr auto subscribing = messaging | flag::subscribed | flag::no_multi;
constexpr auto transaction = flag::noscript | quick;
constexpr auto of_users = flag::noscript | flag::admin | plain;

// -- arguments -----------------------------------------------------------------

constexpr argument_info some_commands[]{
  {.name = "command-name", .optional = true, .multiple = true}};
constexpr argument_info optional_pattern[]{
  {.name = "pattern", .type = kind::pattern, .optional = true}};
constexpr argument_info channels[]{{.name = "channel", .multiple = true}};
constexpr argument_info some_channels[]{
  {.name = "channel", .optional = true, .multiple = true}};
constexpr argument_info shards[]{{.name = "shardchannel", .multiple = true}};
constexpr argument_info some_shards[]{
  {.name = "shardchannel", .optional = true, .multiple = true}};
constexpr argument_info message_to_shard[]{{.name = "shardchannel"},
                                           {.name = "message"}};
constexpr argument_info patterns[]{
  {.name = "pattern", .type = kind::pattern, .multiple = true}};
constexpr argument_info some_patterns[]{{.name = "pattern",
                                         .type = kind::pattern,
                                         .optional = true,
                                         .multiple = true}};
constexpr argument_info message_to[]{{.name = "channel"}, {.name = "message"}};

constexpr argument_info user_and_password[]{
  {.name = "username", .optional = true}, {.name = "password"}};
constexpr argument_info hello_auth[]{{.name = "username"},
                                     {.name = "password"}};
constexpr argument_info hello_all[]{
  {.name = "protover", .type = kind::integer, .optional = true},
  {.name = "auth",
   .type = kind::block,
   .optional = true,
   .token = "AUTH",
   .parts = hello_auth},
  {.name = "clientname", .optional = true, .token = "SETNAME"}};
constexpr argument_info optional_category[]{
  {.name = "category", .optional = true}};
constexpr argument_info usernames[]{{.name = "username", .multiple = true}};
constexpr argument_info one_username[]{{.name = "username"}};
constexpr argument_info username_and_command[]{
  {.name = "username"},
  {.name = "command"},
  {.name = "arg", .optional = true, .multiple = true}};
constexpr argument_info username_and_rules[]{
  {.name = "username"}, {.name = "rule", .optional = true, .multiple = true}};
constexpr argument_info optional_bits[]{
  {.name = "bits", .type = kind::integer, .optional = true}};
constexpr argument_info denials_or_reset[]{
  {.name = "count", .type = kind::integer},
  {.name = "reset", .type = kind::token, .token = "RESET"}};
constexpr argument_info log_of_denials[]{{.name = "operation",
                                          .type = kind::oneof,
                                          .optional = true,
                                          .parts = denials_or_reset}};
constexpr argument_info optional_message[]{
  {.name = "message", .optional = true}};
constexpr argument_info one_message[]{{.name = "message"}};
constexpr argument_info database_index[]{
  {.name = "index", .type = kind::integer}};
constexpr argument_info optional_command[]{
  {.name = "command", .optional = true}};
constexpr argument_info sections[]{
  {.name = "section", .optional = true, .multiple = true}};
constexpr argument_info connection_name[]{{.name = "connection-name"}};
constexpr argument_info library_attributes[]{
  {.name = "libname", .token = "LIB-NAME"},
  {.name = "libver", .token = "LIB-VER"}};
constexpr argument_info library_attribute[]{
  {.name = "attr", .type = kind::oneof, .parts = library_attributes}};
constexpr argument_info client_types[]{
  {.name = "normal", .type = kind::token, .token = "NORMAL"},
  {.name = "master", .type = kind::token, .token = "MASTER"},
  {.name = "replica", .type = kind::token, .token = "REPLICA"},
  {.name = "pubsub", .type = kind::token, .token = "PUBSUB"}};
constexpr argument_info client_selection[]{{.name = "client-type",
                                            .type = kind::oneof,
                                            .optional = true,
                                            .token = "TYPE",
                                            .parts = client_types},
                                           {.name = "client-id",
                                            .type = kind::integer,
                                            .optional = true,
                                            .multiple = true,
                                            .token = "ID"}};
constexpr argument_info kill_filters[]{
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
constexpr argument_info kill_selections[]{
  {.name = "address"},
  {.name = "filter", .type = kind::block, .parts = kill_filters}};
constexpr argument_info kill_selection[]{
  {.name = "selection", .type = kind::oneof, .parts = kill_selections}};
constexpr argument_info yes_and_no[]{
  {.name = "yes", .type = kind::token, .token = "YES"},
  {.name = "no", .type = kind::token, .token = "NO"}};
constexpr argument_info yes_or_no[]{
  {.name = "mode", .type = kind::oneof, .parts = yes_and_no}};
constexpr argument_info pause_modes[]{
  {.name = "write", .type = kind::token, .token = "WRITE"},
  {.name = "all", .type = kind::token, .token = "ALL"}};
constexpr argument_info time_and_mode[]{
  {.name = "timeout", .type = kind::integer},
  {.name = "mode",
   .type = kind::oneof,
   .optional = true,
   .parts = pause_modes}};
constexpr argument_info unblock_types[]{
  {.name = "timeout", .type = kind::token, .token = "TIMEOUT"},
  {.name = "error", .type = kind::token, .token = "ERROR"}};
constexpr argument_info id_and_reason[]{
  {.name = "client-id", .type = kind::integer},
  {.name = "unblock-type",
   .type = kind::oneof,
   .optional = true,
   .parts = unblock_types}};
constexpr argument_info on_and_off[]{
  {.name = "on", .type = kind::token, .token = "ON"},
  {.name = "off", .type = kind::token, .token = "OFF"}};
constexpr argument_info on_or_off[]{
  {.name = "enabled", .type = kind::oneof, .parts = on_and_off}};
constexpr argument_info tracking_options[]{
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
constexpr argument_info reply_modes[]{
  {.name = "on", .type = kind::token, .token = "ON"},
  {.name = "off", .type = kind::token, .token = "OFF"},
  {.name = "skip", .type = kind::token, .token = "SKIP"}};
constexpr argument_info reply_mode[]{
  {.name = "mode", .type = kind::oneof, .parts = reply_modes}};
constexpr argument_info command_and_arguments[]{
  {.name = "command"}, {.name = "arg", .optional = true, .multiple = true}};
constexpr argument_info list_filters[]{
  {.name = "module-name", .token = "MODULE"},
  {.name = "category", .token = "ACLCAT"},
  {.name = "pattern", .type = kind::pattern, .token = "PATTERN"}};
constexpr argument_info list_filter[]{{.name = "filterby",
                                       .type = kind::oneof,
                                       .optional = true,
                                       .token = "FILTERBY",
                                       .parts = list_filters}};
constexpr argument_info optional_command_and_arguments[]{
  {.name = "alias", .optional = true},
  {.name = "arg", .optional = true, .multiple = true}};
constexpr argument_info keys[]{{.name = "key", .multiple = true}};
constexpr argument_info debug_actions[]{
  {.name = "seconds", .type = kind::integer, .token = "SLEEP"},
  {.name = "message", .token = "LOG"},
  {.name = "error", .token = "ERROR"},
  {.name = "type", .token = "PROTOCOL"},
  {.name = "help", .type = kind::token, .token = "HELP"}};
constexpr argument_info debug_action[]{
  {.name = "action", .type = kind::oneof, .parts = debug_actions}};
constexpr argument_info function_filter[]{
  {.name = "library-name-pattern", .optional = true, .token = "LIBRARYNAME"},
  {.name = "withcode",
   .type = kind::token,
   .optional = true,
   .token = "WITHCODE"}};
constexpr argument_info one_key[]{{.name = "key"}};
constexpr argument_info key_and_samples[]{{.name = "key"},
                                          {.name = "count",
                                           .type = kind::integer,
                                           .optional = true,
                                           .token = "SAMPLES"}};
constexpr argument_info two_indexes[]{
  {.name = "index1", .type = kind::integer},
  {.name = "index2", .type = kind::integer}};
constexpr argument_info copies_and_time[]{
  {.name = "numreplicas", .type = kind::integer},
  {.name = "timeout", .type = kind::integer}};
constexpr argument_info optional_version[]{{.name = "version",
                                            .type = kind::integer,
                                            .optional = true,
                                            .token = "VERSION"}};
constexpr argument_info parameters[]{
  {.name = "parameter", .type = kind::pattern, .multiple = true}};
constexpr argument_info parameter_and_value[]{{.name = "parameter"},
                                              {.name = "value"}};
constexpr argument_info parameters_and_values[]{{.name = "data",
                                                 .type = kind::block,
                                                 .multiple = true,
                                                 .parts = parameter_and_value}};
constexpr argument_info flush_modes[]{
  {.name = "async", .type = kind::token, .token = "ASYNC"},
  {.name = "sync", .type = kind::token, .token = "SYNC"}};
constexpr argument_info flush_mode[]{{.name = "flush-type",
                                      .type = kind::oneof,
                                      .optional = true,
                                      .parts = flush_modes}};
constexpr argument_info digests[]{{.name = "sha1", .multiple = true}};
constexpr argument_info optional_count[]{
  {.name = "count", .type = kind::integer, .optional = true}};
constexpr argument_info one_event[]{{.name = "event"}};
constexpr argument_info some_events[]{
  {.name = "event", .optional = true, .multiple = true}};
constexpr argument_info one_node[]{{.name = "name"}};
constexpr argument_info optional_node[]{{.name = "name", .optional = true}};
constexpr argument_info one_subcommand[]{
  {.name = "subcommand"}, {.name = "arg", .optional = true, .multiple = true}};
constexpr argument_info shutdown_options[]{
  {.name = "keep", .type = kind::token, .optional = true, .token = "KEEP"}};

constexpr argument_info key_and_arguments[]{
  {.name = "key"}, {.name = "arg", .optional = true, .multiple = true}};

constexpr argument_info alias_and_arguments[]{
  {.name = "alias"}, {.name = "arg", .optional = true, .multiple = true}};
constexpr argument_info files[]{{.name = "file", .multiple = true}};
constexpr argument_info aliases_or_files[]{
  {.name = "alias-or-file", .multiple = true}};

constexpr argument_info text_form[]{
  {.name = "text", .type = kind::token, .token = "TEXT"},
  {.name = "utf8", .type = kind::token, .optional = true, .token = "UTF8"}};
constexpr argument_info forms[]{
  {.name = "json", .type = kind::token, .token = "JSON"},
  {.name = "text-form", .type = kind::block, .parts = text_form}};
constexpr argument_info masks_and_form[]{
  {.name = "mask", .type = kind::pattern, .optional = true, .multiple = true},
  {.name = "form", .type = kind::oneof, .optional = true, .parts = forms}};
constexpr argument_info masks_and_options[]{
  {.name = "mask", .type = kind::pattern, .multiple = true},
  {.name = "ms", .type = kind::integer, .optional = true, .token = "WAIT"}};
constexpr argument_info masks_and_rolling[]{
  {.name = "mask", .type = kind::pattern, .multiple = true},
  {.name = "ms", .type = kind::integer, .optional = true, .token = "WAIT"},
  {.name = "n", .type = kind::integer, .optional = true, .token = "ROLLING"}};
constexpr argument_info groups_and_form[]{
  {.name = "group", .type = kind::pattern, .multiple = true},
  {.name = "form", .type = kind::oneof, .optional = true, .parts = forms}};
constexpr argument_info groups_and_options[]{
  {.name = "group", .type = kind::pattern, .multiple = true},
  {.name = "ms", .type = kind::integer, .optional = true, .token = "WAIT"}};
constexpr argument_info groups_and_rolling[]{
  {.name = "group", .type = kind::pattern, .multiple = true},
  {.name = "ms", .type = kind::integer, .optional = true, .token = "WAIT"},
  {.name = "n", .type = kind::integer, .optional = true, .token = "ROLLING"}};
constexpr argument_info service_groups[]{
  {.name = "group", .type = kind::pattern, .multiple = true}};
constexpr argument_info name_and_number[]{
  {.name = "name"},
  {.name = "number", .type = kind::integer},
  {.name = "ms", .type = kind::integer, .optional = true, .token = "WAIT"}};
constexpr argument_info name_and_command[]{
  {.name = "name"},
  {.name = "directory", .optional = true, .token = "--dir"},
  {.name = "file", .optional = true, .token = "--log"},
  {.name = "file", .optional = true, .token = "--pidfile"},
  {.name = "octal", .optional = true, .token = "--umask"},
  {.name = "user", .optional = true, .token = "--user"},
  {.name = "program"},
  {.name = "arg", .optional = true, .multiple = true}};
constexpr argument_info some_masks[]{
  {.name = "mask", .type = kind::pattern, .optional = true, .multiple = true}};
constexpr argument_info signal_and_masks[]{
  {.name = "signal"},
  {.name = "mask", .type = kind::pattern, .multiple = true}};
constexpr argument_info wait_for[]{{.name = "mask", .type = kind::pattern},
                                   {.name = "state"},
                                   {.name = "ms", .type = kind::integer}};
constexpr argument_info name_and_text[]{
  {.name = "name"},
  {.name = "text", .type = kind::token, .optional = true, .token = "TEXT"}};
constexpr argument_info life_forms[]{
  {.name = "json", .type = kind::token, .token = "JSON"},
  {.name = "text", .type = kind::token, .token = "TEXT"}};
constexpr argument_info life_options[]{
  {.name = "mask", .type = kind::pattern},
  {.name = "n", .type = kind::integer, .optional = true, .token = "COUNT"},
  {.name = "id", .optional = true, .token = "SINCE"},
  {.name = "form", .type = kind::oneof, .optional = true, .parts = life_forms}};
constexpr argument_info plan_options[]{
  {.name = "file", .optional = true, .multiple = true},
  {.name = "text", .type = kind::token, .optional = true, .token = "TEXT"}};
constexpr argument_info streams[]{
  {.name = "out", .type = kind::token, .token = "out"},
  {.name = "err", .type = kind::token, .token = "err"}};
constexpr argument_info log_tail[]{
  {.name = "n", .type = kind::integer, .optional = true, .token = "COUNT"},
  {.name = "stream",
   .type = kind::oneof,
   .optional = true,
   .token = "STREAM",
   .parts = streams},
  {.name = "text", .type = kind::token, .optional = true, .token = "TEXT"}};
constexpr argument_info log_actions[]{
  {.name = "tail", .type = kind::block, .parts = log_tail},
  {.name = "rotate", .type = kind::token, .token = "ROTATE"},
  {.name = "clear", .type = kind::token, .token = "CLEAR"}};
constexpr argument_info name_and_log_action[]{
  {.name = "name"},
  {.name = "action", .type = kind::oneof, .parts = log_actions}};
constexpr argument_info apply_options[]{
  {.name = "file", .optional = true, .multiple = true},
  {.name = "force", .type = kind::token, .optional = true, .token = "FORCE"},
  {.name = "text", .type = kind::token, .optional = true, .token = "TEXT"}};

// -- where keys would stand ------------------------------------------------

constexpr key_range all_keys{1, -1, 1, "RO"};
constexpr key_range second_word{2, 2, 1, "RO"};
constexpr key_range one_shard{1, 1, 1, "not_key"};
constexpr key_range all_shards{1, -1, 1, "not_key"};

// -- subcommands ---------------------------------------------------------------

constexpr command_info of_acl[]{
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

constexpr command_info of_client[]{
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

constexpr command_info of_command[]{
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

constexpr command_info of_config[]{
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

constexpr command_info of_function[]{
  {"function|flush", id::function_flush, -2, flag::noscript, right::none,
   target::local, "@write @slow @scripting", "scripting",
   "Accepted for clients that begin with it: there are no functions.", "1.0.0",
   flush_mode},
  {"function|list", id::function_list, -2, flag::noscript, right::none,
   target::local, "@slow @scripting", "scripting",
   "Return the libraries of functions: there are none.", "1.0.0",
   function_filter},
  {"function|stats", id::function_stats, 2, flag::noscript, right::none,
   target::local, "@slow @scripting", "scripting",
   "Return which function runs, and how many there are: none.", "1.0.0"},
  {"function|help", id::function_help, 2, plain, right::none, target::local,
   "@slow @scripting", "scripting", "Print this help.", "1.0.0"},
};

constexpr command_info of_latency[]{
  {"latency|doctor", id::latency_doctor, 2,
   flag::admin | flag::noscript | plain, right::status, target::local,
   "@admin @slow @dangerous", "server",
   "Return advice about latencies of events.", "1.0.0"},
  {"latency|graph", id::latency_graph, 3, flag::admin | flag::noscript | plain,
   right::status, target::local, "@admin @slow @dangerous", "server",
   "Return a graph of the latencies of an event.", "1.0.0", one_event},
  {"latency|help", id::latency_help, 2, plain, right::none, target::local,
   "@slow", "server", "Print this help.", "1.0.0"},
  {"latency|histogram", id::latency_histogram, -2,
   flag::admin | flag::noscript | plain, right::status, target::gateway,
   "@admin @slow @dangerous", "server",
   "Return how long commands took, in powers of two of microseconds.", "1.0.0",
   some_commands},
  {"latency|history", id::latency_history, 3,
   flag::admin | flag::noscript | plain, right::status, target::local,
   "@admin @slow @dangerous", "server",
   "Return when an event took long, and how many milliseconds.", "1.0.0",
   one_event},
  {"latency|latest", id::latency_latest, 2,
   flag::admin | flag::noscript | plain, right::status, target::local,
   "@admin @slow @dangerous", "server",
   "Return the latest latency and the longest of each event.", "1.0.0"},
  {"latency|reset", id::latency_reset, -2, flag::admin | flag::noscript | plain,
   right::admin, target::local, "@admin @slow @dangerous", "server",
   "Forget latencies; return of how many events.", "1.0.0", some_events},
};

constexpr command_info of_memory[]{
  {"memory|doctor", id::memory_doctor, 2, flag::none, right::none,
   target::local, "@slow", "server", "Return advice about memory.", "1.0.0"},
  {"memory|help", id::memory_help, 2, plain, right::none, target::local,
   "@slow", "server", "Print this help.", "1.0.0"},
  {"memory|malloc-stats", id::memory_malloc_stats, 2, flag::none, right::none,
   target::local, "@slow", "server",
   "Accepted for clients that ask: the allocator tells nothing.", "1.0.0"},
  {"memory|purge", id::memory_purge, 2, flag::none, right::none, target::local,
   "@slow", "server", "Accepted for clients that ask; changes nothing.",
   "1.0.0"},
  {"memory|stats", id::memory_stats, 2, flag::none, right::status,
   target::gateway, "@slow", "server", "Return what the node takes of memory.",
   "1.0.0"},
  {"memory|usage",
   id::memory_usage,
   -3,
   flag::none,
   right::none,
   target::local,
   "@read @slow",
   "server",
   "Return the memory of a key: null, as there are none.",
   "1.0.0",
   key_and_samples,
   {},
   second_word},
};

constexpr command_info of_module[]{
  {"module|help", id::module_help, 2, plain, right::none, target::local,
   "@slow", "server", "Print this help.", "1.0.0"},
  {"module|list", id::module_list, 2, flag::admin | flag::noscript, right::none,
   target::local, "@admin @slow @dangerous", "server",
   "Return the modules of Redis that are loaded: none.", "1.0.0"},
};

constexpr command_info of_object[]{
  {"object|encoding",
   id::object_encoding,
   3,
   flag::none,
   right::none,
   target::local,
   "@keyspace @read @slow",
   "server",
   "Return the encoding of a key: null, as there are none.",
   "1.0.0",
   one_key,
   {},
   second_word},
  {"object|freq",
   id::object_freq,
   3,
   flag::none,
   right::none,
   target::local,
   "@keyspace @read @slow",
   "server",
   "Return how often a key is used: null, as there are none.",
   "1.0.0",
   one_key,
   {},
   second_word},
  {"object|help", id::object_help, 2, plain, right::none, target::local,
   "@keyspace @slow", "server", "Print this help.", "1.0.0"},
  {"object|idletime",
   id::object_idletime,
   3,
   flag::none,
   right::none,
   target::local,
   "@keyspace @read @slow",
   "server",
   "Return how long a key was not used: null, as there are none.",
   "1.0.0",
   one_key,
   {},
   second_word},
  {"object|refcount",
   id::object_refcount,
   3,
   flag::none,
   right::none,
   target::local,
   "@keyspace @read @slow",
   "server",
   "Return the references to a key: null, as there are none.",
   "1.0.0",
   one_key,
   {},
   second_word},
};

constexpr command_info of_node[]{
  {"node|forget", id::node_forget, 3, flag::admin, right::admin,
   target::cluster, "@admin @slow @dangerous @supervision", "supervision",
   "Forget a node that is dead or has left, on this node alone; one that "
   "stands in `[cluster] join`, or comes back, is not forgotten.",
   "1.0.0", one_node},
  {"node|help", id::node_help, 2, plain, right::none, target::local,
   "@slow @supervision", "supervision", "Print this help.", "1.0.0"},
  {"node|info", id::node_info, -2, flag::none, right::status, target::cluster,
   "@slow @supervision", "supervision",
   "Return what is known of a node and of the link to it; without a name, of "
   "this one.",
   "1.0.0", optional_node},
};

constexpr command_info of_pubsub[]{
  {"pubsub|channels", id::pubsub_channels, -2, flag::pubsub | plain,
   right::events, target::broker, "@pubsub @slow", "pubsub",
   "Return the channels that have subscribers.", "1.0.0", optional_pattern},
  {"pubsub|help", id::pubsub_help, 2, plain, right::none, target::local,
   "@slow", "pubsub", "Print this help.", "1.0.0"},
  {"pubsub|numpat", id::pubsub_numpat, 2, flag::pubsub | plain, right::events,
   target::broker, "@pubsub @slow", "pubsub",
   "Return the number of patterns that are subscribed to.", "1.0.0"},
  {"pubsub|numsub", id::pubsub_numsub, -2, flag::pubsub | plain, right::events,
   target::broker, "@pubsub @slow", "pubsub",
   "Return the number of subscribers of channels, without patterns.", "1.0.0",
   some_channels},
  {"pubsub|shardchannels", id::pubsub_shardchannels, -2, flag::pubsub | plain,
   right::events, target::broker, "@pubsub @slow", "pubsub",
   "Return the shard channels that have subscribers.", "1.0.0",
   optional_pattern},
  {"pubsub|shardnumsub", id::pubsub_shardnumsub, -2, flag::pubsub | plain,
   right::events, target::broker, "@pubsub @slow", "pubsub",
   "Return the number of subscribers of shard channels.", "1.0.0", some_shards},
};

constexpr command_info of_script[]{
  {"script|exists", id::script_exists, -3, flag::noscript, right::admin,
   target::local, "@slow @scripting", "scripting",
   "Return for each digest whether its script is kept: none is.", "1.0.0",
   digests},
  {"script|flush", id::script_flush, -2, flag::noscript, right::admin,
   target::local, "@slow @scripting", "scripting",
   "Accepted for clients that begin with it: no scripts are kept.", "1.0.0",
   flush_mode},
  {"script|help", id::script_help, 2, plain, right::none, target::local,
   "@slow @scripting", "scripting", "Print this help.", "1.0.0"},
};

constexpr command_info of_slowlog[]{
  {"slowlog|get", id::slowlog_get, -2, flag::admin | plain, right::admin,
   target::local, "@admin @slow @dangerous", "server",
   "Return commands that took long, the newest first.", "1.0.0",
   optional_count},
  {"slowlog|help", id::slowlog_help, 2, plain, right::none, target::local,
   "@slow", "server", "Print this help.", "1.0.0"},
  {"slowlog|len", id::slowlog_len, 2, flag::admin | plain, right::admin,
   target::local, "@admin @slow @dangerous", "server",
   "Return how many commands that took long are kept.", "1.0.0"},
  {"slowlog|reset", id::slowlog_reset, 2, flag::admin | plain, right::admin,
   target::local, "@admin @slow @dangerous", "server",
   "Forget the commands that took long.", "1.0.0"},
};

// -- commands ------------------------------------------------------------------

// In alphabetical order.
constexpr command_info all_commands[]{
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
  {"asking", id::asking, 1, flag::fast, right::none, target::local,
   "@fast @connection", "server", "Refused: this is no Redis Cluster.",
   "1.0.0"},
  {"auth", id::auth, -2, flag::noscript | quick | flag::no_auth, right::none,
   target::local, "@fast @connection", "connection",
   "Authenticate the connection.", "1.0.0", user_and_password},
  {"call", id::call, -2, flag::noscript, right::none, target::script,
   "@slow @scripting", "scripting",
   "Run a command that a script registered; `alias@node`: a script of that "
   "node, which is waited for 60 s at most.",
   "1.0.0", alias_and_arguments},
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
  {"dbsize", id::dbsize, 1, flag::fast, right::none, target::local,
   "@keyspace @read @fast", "server", "Return the number of keys: 0.", "1.0.0"},
  {"debug", id::debug, -2, flag::admin | flag::noscript | plain, right::admin,
   target::gateway, "@admin @slow @dangerous", "server",
   "What tests of clients need: SLEEP, LOG, ERROR, PROTOCOL and more; DEBUG "
   "HELP lists all.",
   "1.0.0", debug_action},
  {"discard", id::discard, 1, transaction, right::none, target::local,
   "@fast @transaction", "transactions", "Drop the commands since MULTI.",
   "1.0.0"},
  {"echo", id::echo, 2, quick, right::none, target::local, "@fast @connection",
   "connection", "Return the message.", "1.0.0", one_message},
  {"exec", id::exec, -1, flag::noscript | plain, right::none, target::local,
   "@slow @transaction", "transactions",
   "Run the commands since MULTI, or, with an alias, the same as CALL.",
   "1.0.0", optional_command_and_arguments},
  {"flushall", id::flushall, -1, flag::none, right::none, target::local,
   "@keyspace @write @slow @dangerous", "server",
   "Accepted for clients that begin with it: there are no keys.", "1.0.0",
   flush_mode},
  {"flushdb", id::flushdb, -1, flag::none, right::none, target::local,
   "@keyspace @write @slow @dangerous", "server",
   "Accepted for clients that begin with it: there are no keys.", "1.0.0",
   flush_mode},
  {"function",
   id::function,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow",
   "scripting",
   "Functions of Redis, of which there are none.",
   "1.0.0",
   {},
   of_function},
  {"hello", id::hello, -1, flag::noscript | quick | flag::no_auth, right::none,
   target::local, "@fast @connection", "connection",
   "Choose the protocol, authenticate, name the connection.", "1.0.0",
   hello_all},
  {"help", id::help, -1, plain, right::none, target::local, "@slow @connection",
   "server", "Explain how to type a command, or list all.", "1.0.0",
   optional_command},
  {"info", id::info, -1, plain, right::status, target::gateway,
   "@slow @dangerous", "server",
   "Return figures about the node and its clients.", "1.0.0", sections},
  {"lastsave", id::lastsave, 1, quick, right::none, target::local,
   "@admin @fast @dangerous", "server",
   "Return the Unix time of the start: nothing was saved since.", "1.0.0"},
  {"latency",
   id::latency,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow",
   "server",
   "Look at recorded latencies.",
   "1.0.0",
   {},
   of_latency},
  {"load", id::load, -2, flag::noscript | flag::admin, right::admin,
   target::librarian, "@admin @slow @dangerous @scripting", "scripting",
   "Load or reload script files.", "1.0.0", files},
  {"lolwut", id::lolwut, -1, flag::fast, right::none, target::local,
   "@read @fast", "server", "Return the version of Redis that is spoken.",
   "1.0.0", optional_version},
  {"memory",
   id::memory,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow",
   "server",
   "Look at memory.",
   "1.0.0",
   {},
   of_memory},
  {"module",
   id::module,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow",
   "server",
   "Modules of Redis, of which there are none.",
   "1.0.0",
   {},
   of_module},
  {"monitor", id::monitor, 1, flag::admin | flag::noscript | plain,
   right::admin, target::local, "@admin @slow @dangerous", "server",
   "Show the commands of all clients, until RESET or the end.", "1.0.0"},
  {"multi", id::multi, 1, transaction, right::none, target::local,
   "@fast @transaction", "transactions",
   "Collect the commands that follow, for EXEC.", "1.0.0"},
  {"node",
   id::node,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow @supervision",
   "supervision",
   "Look at one node of the cluster, or forget it.",
   "1.0.0",
   {},
   of_node},
  {"nodes", id::nodes, 1, flag::none, right::status, target::cluster,
   "@slow @supervision", "supervision",
   "List the nodes of the cluster, this one first.", "1.0.0"},
  {"object",
   id::object,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow",
   "server",
   "Look at keys, of which there are none.",
   "1.0.0",
   {},
   of_object},
  {"ping", id::ping, -1, flag::fast | flag::subscribed, right::none,
   target::local, "@fast @connection", "connection", "Ping the server.",
   "1.0.0", optional_message},
  {"psubscribe", id::psubscribe, -2, subscribing, right::events, target::broker,
   "@pubsub @slow", "pubsub",
   "Listen for messages on channels that match patterns.", "1.0.0", patterns},
  {"publish", id::publish, 3, flag::pubsub | quick, right::events,
   target::broker, "@pubsub @fast", "pubsub",
   "Post a message to a channel; return its receivers.", "1.0.0", message_to},
  {"pubsub",
   id::pubsub,
   -2,
   flag::container,
   right::none,
   target::broker,
   "@slow",
   "pubsub",
   "Look at channels, patterns and subscribers.",
   "1.0.0",
   {},
   of_pubsub},
  {"punsubscribe", id::punsubscribe, -1, subscribing, right::events,
   target::broker, "@pubsub @slow", "pubsub",
   "Stop listening on channels that match patterns.", "1.0.0", some_patterns},
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
  {"role", id::role, 1, flag::noscript | quick, right::none, target::local,
   "@admin @fast @dangerous", "server",
   "Return the role in replication: a master without replicas.", "1.0.0"},
  {"script",
   id::script,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow",
   "scripting",
   "Scripts kept for EVALSHA.",
   "1.0.0",
   {},
   of_script},
  {"select", id::select, 2, quick, right::none, target::local,
   "@fast @connection", "connection",
   "Accepted for clients that choose a database; changes nothing.", "1.0.0",
   database_index},
  {"shutdown", id::shutdown, -1,
   flag::admin | flag::noscript | plain | flag::no_multi, right::admin,
   target::node, "@admin @slow @dangerous", "server",
   "Stop all services in order, then the node; KEEP leaves them running. "
   "NOSAVE, "
   "SAVE, NOW and FORCE, as in Redis, change nothing.",
   "1.0.0", shutdown_options},
  {"slowlog",
   id::slowlog,
   -2,
   flag::container,
   right::none,
   target::local,
   "@slow",
   "server",
   "Commands on which the node worked for long: the time of its own work, not "
   "of waiting.",
   "1.0.0",
   {},
   of_slowlog},
  {"spublish",
   id::spublish,
   3,
   flag::pubsub | quick,
   right::events,
   target::broker,
   "@pubsub @fast",
   "pubsub",
   "Post a message to a shard channel; return its receivers.",
   "1.0.0",
   message_to_shard,
   {},
   one_shard},
  {"ssubscribe",
   id::ssubscribe,
   -2,
   subscribing,
   right::events,
   target::broker,
   "@pubsub @slow",
   "pubsub",
   "Listen for messages on shard channels.",
   "1.0.0",
   shards,
   {},
   all_shards},
  {"subscribe", id::subscribe, -2, subscribing, right::events, target::broker,
   "@pubsub @slow", "pubsub", "Listen for messages on channels.", "1.0.0",
   channels},
  {"sunsubscribe",
   id::sunsubscribe,
   -1,
   subscribing,
   right::events,
   target::broker,
   "@pubsub @slow",
   "pubsub",
   "Stop listening on shard channels.",
   "1.0.0",
   some_shards,
   {},
   all_shards},
  {"svapply", id::svapply, -1, flag::noscript, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Apply the definitions of services; running ones change only as needed.",
   "1.0.0", apply_options},
  {"svcheck", id::svcheck, -1, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision",
   "Look at services now; tell whether each is as wanted.", "1.0.0",
   some_masks},
  {"svconfig", id::svconfig, -2, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision",
   "Return the definition of a service with all defaults.", "1.0.0",
   name_and_text},
  {"svcont", id::svcont, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Let the processes of paused services go on.", "1.0.0", masks_and_options},
  {"svdisable", id::svdisable, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Do not start services when Saker starts.", "1.0.0", masks_and_options},
  {"svdrop", id::svdrop, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Look after services no more; leave their processes alone.", "1.0.0",
   masks_and_options},
  {"svenable", id::svenable, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision", "Start services when Saker starts.",
   "1.0.0", masks_and_options},
  {"svgmember", id::svgmember, -2, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision", "Tell which services are in groups.",
   "1.0.0", service_groups},
  {"svgrestart", id::svgrestart, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision", "Restart the services of groups.",
   "1.0.0", groups_and_rolling},
  {"svgstart", id::svgstart, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Start the services of groups; forget their failures.", "1.0.0",
   groups_and_options},
  {"svgstatus", id::svgstatus, -2, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision", "Tell what the services of groups do.",
   "1.0.0", groups_and_form},
  {"svgstop", id::svgstop, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision", "Stop the services of groups.", "1.0.0",
   groups_and_options},
  {"svlife", id::svlife, -2, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision",
   "Return what happened to services, the newest last.", "1.0.0", life_options},
  {"svlog", id::svlog, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Return the last lines that a service put out; rotate or clear its log.",
   "1.0.0", name_and_log_action},
  {"svpause", id::svpause, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Hold all processes of services by SIGSTOP.", "1.0.0", masks_and_options},
  {"svplan", id::svplan, -1, flag::noscript, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Tell what SVAPPLY would do; do nothing.", "1.0.0", plan_options},
  {"svreload", id::svreload, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Make services reload themselves, as their definitions say.", "1.0.0",
   masks_and_options},
  {"svreset", id::svreset, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Forget failures, budget and backoff; what waits for its next try starts.",
   "1.0.0", masks_and_options},
  {"svrestart", id::svrestart, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision", "Restart services.", "1.0.0",
   masks_and_rolling},
  {"svrun", id::svrun, -3, flag::admin, right::admin, target::roster,
   "@admin @slow @dangerous @supervision", "supervision",
   "Run a command as a service without a definition.", "1.0.0",
   name_and_command},
  {"svscale", id::svscale, -3, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Change how many instances of a service there are.", "1.0.0",
   name_and_number},
  {"svsignal", id::svsignal, -3, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision", "Send a signal to services.", "1.0.0",
   signal_and_masks},
  {"svstart", id::svstart, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision",
   "Start services; forget failures and spent budgets.", "1.0.0",
   masks_and_options},
  {"svstatus", id::svstatus, -1, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision",
   "Tell what services do, since when and why.", "1.0.0", masks_and_form},
  {"svstop", id::svstop, -2, flag::none, right::control, target::roster,
   "@slow @supervision", "supervision", "Stop services.", "1.0.0",
   masks_and_options},
  {"svtryrestart", id::svtryrestart, -2, flag::none, right::control,
   target::roster, "@slow @supervision", "supervision",
   "Restart those services that run.", "1.0.0", masks_and_rolling},
  {"svwait", id::svwait, 4, flag::blocking, right::status, target::roster,
   "@slow @blocking @supervision", "supervision",
   "Wait until services reach a state; return how many did.", "1.0.0",
   wait_for},
  {"svwhy", id::svwhy, -2, flag::none, right::status, target::roster,
   "@slow @supervision", "supervision",
   "Explain why a service is as it is, and what comes next.", "1.0.0",
   name_and_text},
  {"swapdb", id::swapdb, 3, flag::fast, right::none, target::local,
   "@keyspace @write @fast @dangerous", "server",
   "Accepted for clients that begin with it: there are no keys.", "1.0.0",
   two_indexes},
  {"sysinfo", id::sysinfo, -2, flag::none, right::status, target::system,
   "@slow", "server",
   "Return a figure of the machine, a file system or a process; `key@node`: "
   "of that node.",
   "1.0.0", key_and_arguments},
  {"tasks", id::tasks, -1, flag::none, right::status, target::librarian,
   "@slow @scripting", "scripting",
   "List the commands and tasks of the scripts.", "1.0.0", optional_pattern},
  {"time", id::time, 1, quick, right::none, target::local, "@fast", "server",
   "Return the server time: seconds, microseconds.", "1.0.0"},
  {"unload", id::unload, -2, flag::noscript | flag::admin, right::admin,
   target::librarian, "@admin @slow @dangerous @scripting", "scripting",
   "Unload scripts by alias or file.", "1.0.0", aliases_or_files},
  {"unsubscribe", id::unsubscribe, -1, subscribing, right::events,
   target::broker, "@pubsub @slow", "pubsub", "Stop listening on channels.",
   "1.0.0", some_channels},
  {"unwatch", id::unwatch, 1, transaction, right::none, target::local,
   "@fast @transaction", "transactions", "Forget what WATCH was told.",
   "1.0.0"},
  {"wait", id::wait, 3, flag::noscript, right::none, target::local,
   "@slow @connection", "server",
   "Return how many replicas have the latest writes: 0.", "1.0.0",
   copies_and_time},
  {"watch",
   id::watch,
   -2,
   transaction,
   right::none,
   target::local,
   "@fast @transaction",
   "transactions",
   "Accepted for clients that use it: there are no keys that could change.",
   "1.0.0",
   keys,
   {},
   all_keys},
};

// -- lookup: a flat table, open addressing, made by the compiler ----------------

constexpr std::size_t max_name = 16;
constexpr std::size_t slots = 256;
constexpr std::uint8_t free_slot = 0xff;

static_assert(std::size(all_commands) < slots / 2, "make the table larger");

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr std::uint32_t hash(std::string_view name) noexcept {
  std::uint32_t result = 2166136261u;
  for (auto c : name)
    result = (result ^ static_cast<std::uint8_t>(lower(c))) * 16777619u;
  return result ^ (result >> 15);
}

constexpr bool same(std::string_view known, std::string_view name) noexcept {
  if (known.size() != name.size())
    return false;
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i] != lower(name[i]))
      return false;
  return true;
}

constexpr auto make_table() {
  std::array<std::uint8_t, slots> table{};
  table.fill(free_slot);
  for (std::size_t i = 0; i < std::size(all_commands); ++i) {
    auto at = hash(all_commands[i].name) % slots;
    while (table[at] != free_slot)
      at = (at + 1) % slots;
    table[at] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr auto slot_table = make_table();

constexpr bool sound() {
  for (std::size_t i = 0; i < std::size(all_commands); ++i) {
    auto& x = all_commands[i];
    if (x.name.size() > max_name
        || (i > 0 && !(all_commands[i - 1].name < x.name)))
      return false;
    for (auto& sub : x.subcommands)
      if (!sub.name.starts_with(x.name) || sub.name[x.name.size()] != '|')
        return false;
  }
  return true;
}

static_assert(sound(), "names in order, subcommands named `parent|sub`");

// -- usage ---------------------------------------------------------------------

void append_usage(std::string& out, const argument_info& x);

void append_parts(std::string& out, const argument_info& x) {
  for (std::size_t i = 0; i < x.parts.size(); ++i) {
    if (i > 0)
      out += x.type == kind::oneof ? "|" : " ";
    append_usage(out, x.parts[i]);
  }
}

void append_usage(std::string& out, const argument_info& x) {
  if (x.optional)
    out += '[';
  out += x.token;
  if (!x.token.empty() && x.type != kind::token)
    out += ' ';
  auto start = out.size();
  if (!x.parts.empty())
    append_parts(out, x);
  else if (x.type != kind::token)
    out += x.name;
  if (x.multiple)
    out += " [" + out.substr(start) + " ...]";
  if (x.optional)
    out += ']';
}

} // namespace

std::string_view to_string(right x) noexcept {
  switch (x) {
    case right::none: return "none";
    case right::status: return "status";
    case right::events: return "events";
    case right::control: return "control";
    case right::script: return "script";
    case right::admin: return "admin";
  }
  return "none";
}

std::span<const command_info> commands() noexcept {
  return all_commands;
}

const command_info* find_command(std::string_view name) noexcept {
  if (name.size() > max_name)
    return nullptr;
  for (auto at = hash(name) % slots; slot_table[at] != free_slot;
       at = (at + 1) % slots)
    if (same(all_commands[slot_table[at]].name, name))
      return &all_commands[slot_table[at]];
  return nullptr;
}

const command_info*
find_subcommand(const command_info& container, std::string_view name) noexcept {
  for (auto& x : container.subcommands)
    if (same(x.last_name(), name))
      return &x;
  return nullptr;
}

const command_info* find_full_name(std::string_view name) noexcept {
  auto bar = name.find('|');
  auto result = find_command(name.substr(0, bar));
  if (!result || bar == name.npos)
    return result;
  return find_subcommand(*result, name.substr(bar + 1));
}

std::string usage(const command_info& x) {
  auto out = to_upper(x.name);
  std::replace(out.begin(), out.end(), '|', ' ');
  for (auto& argument : x.arguments) {
    out += ' ';
    append_usage(out, argument);
  }
  return out;
}

} // namespace saker::resp

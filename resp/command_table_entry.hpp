#pragma once

#include "resp/command_table.hpp"

/// The parts of the table of commands; command_table.cpp joins them.
namespace saker::resp::tables {

using id = command_id;
using kind = argument_info::kind;

inline constexpr auto quick = flag::fast | flag::loading | flag::stale;
inline constexpr auto plain = flag::loading | flag::stale;
inline constexpr auto messaging = flag::pubsub | flag::noscript | plain;
// Their confirmations are no replies: within EXEC they would break its array.
inline constexpr auto subscribing = messaging | flag::subscribed
                                    | flag::no_multi;
inline constexpr auto transaction = flag::noscript | quick;
inline constexpr auto of_users = flag::noscript | flag::admin | plain;

// -- arguments that several parts name ------------------------------------------

inline constexpr argument_info some_commands[]{
  {.name = "command-name", .optional = true, .multiple = true}};
inline constexpr argument_info optional_pattern[]{
  {.name = "pattern", .type = kind::pattern, .optional = true}};
inline constexpr argument_info flush_modes[]{
  {.name = "async", .type = kind::token, .token = "ASYNC"},
  {.name = "sync", .type = kind::token, .token = "SYNC"}};
inline constexpr argument_info flush_mode[]{{.name = "flush-type",
                                             .type = kind::oneof,
                                             .optional = true,
                                             .parts = flush_modes}};

// -- where keys would stand ------------------------------------------------------

inline constexpr key_range all_keys{1, -1, 1, "RO"};
inline constexpr key_range second_word{2, 2, 1, "RO"};
inline constexpr key_range one_shard{1, 1, 1, "not_key"};
inline constexpr key_range all_shards{1, -1, 1, "not_key"};

} // namespace saker::resp::tables

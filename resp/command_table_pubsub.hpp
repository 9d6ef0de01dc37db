#pragma once

#include "resp/command_table_entry.hpp"

/// Channels and patterns.
namespace saker::resp::tables {

inline constexpr argument_info channels[]{
  {.name = "channel", .multiple = true}};
inline constexpr argument_info some_channels[]{
  {.name = "channel", .optional = true, .multiple = true}};
inline constexpr argument_info shards[]{
  {.name = "shardchannel", .multiple = true}};
inline constexpr argument_info some_shards[]{
  {.name = "shardchannel", .optional = true, .multiple = true}};
inline constexpr argument_info message_to_shard[]{{.name = "shardchannel"},
                                                  {.name = "message"}};
inline constexpr argument_info patterns[]{
  {.name = "pattern", .type = kind::pattern, .multiple = true}};
inline constexpr argument_info some_patterns[]{{.name = "pattern",
                                                .type = kind::pattern,
                                                .optional = true,
                                                .multiple = true}};
inline constexpr argument_info message_to[]{{.name = "channel"},
                                            {.name = "message"}};

inline constexpr command_info of_pubsub[]{
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

inline constexpr command_info pubsub_commands[]{
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
  {"unsubscribe", id::unsubscribe, -1, subscribing, right::events,
   target::broker, "@pubsub @slow", "pubsub", "Stop listening on channels.",
   "1.0.0", some_channels},
};

} // namespace saker::resp::tables

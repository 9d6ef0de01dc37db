#pragma once

#include "resp/command_table_entry.hpp"

/// Figures of the node, its commands and its memory.
namespace saker::resp::tables {

inline constexpr argument_info sections[]{
  {.name = "section", .optional = true, .multiple = true}};
inline constexpr argument_info key_and_samples[]{{.name = "key"},
                                                 {.name = "count",
                                                  .type = kind::integer,
                                                  .optional = true,
                                                  .token = "SAMPLES"}};
inline constexpr argument_info optional_count[]{
  {.name = "count", .type = kind::integer, .optional = true}};
inline constexpr argument_info one_event[]{{.name = "event"}};
inline constexpr argument_info some_events[]{
  {.name = "event", .optional = true, .multiple = true}};
inline constexpr argument_info key_and_arguments[]{
  {.name = "key"}, {.name = "arg", .optional = true, .multiple = true}};

inline constexpr command_info of_latency[]{
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

inline constexpr command_info of_memory[]{
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

inline constexpr command_info of_slowlog[]{
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

inline constexpr command_info figures_commands[]{
  {"info", id::info, -1, plain, right::status, target::gateway,
   "@slow @dangerous", "server",
   "Return figures about the node and its clients.", "1.0.0", sections},
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
  {"sysinfo", id::sysinfo, -2, flag::none, right::status, target::system,
   "@slow", "server",
   "Return a figure of the machine, a file system or a process; `key@node`: "
   "of that node. Without the right `control` a file system is named by its "
   "mount point.",
   "1.0.0", key_and_arguments},
};

} // namespace saker::resp::tables

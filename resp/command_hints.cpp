#include "resp/command_hints.hpp"

#include <algorithm>
#include <iterator>

namespace saker::resp {

namespace {

// As redis-server 7.0.15 tells them; a conformance test compares.
constexpr command_hints hint_table[]{
  {"auth", "allow_busy", ""},
  {"client|info", "", "nondeterministic_output"},
  {"client|list", "", "nondeterministic_output"},
  {"command", "", "nondeterministic_output_order"},
  {"command|docs", "", "nondeterministic_output_order"},
  {"command|info", "", "nondeterministic_output_order"},
  {"command|list", "", "nondeterministic_output_order"},
  {"config|set", "", "request_policy:all_nodes response_policy:all_succeeded"},
  {"dbsize", "readonly", "request_policy:all_shards response_policy:agg_sum"},
  {"discard", "allow_busy", ""},
  {"exec", "skip_slowlog", ""},
  {"flushall", "write",
   "request_policy:all_shards response_policy:all_succeeded"},
  {"flushdb", "write",
   "request_policy:all_shards response_policy:all_succeeded"},
  {"function|flush", "write",
   "request_policy:all_shards response_policy:all_succeeded"},
  {"function|list", "", "nondeterministic_output_order"},
  {"function|stats", "allow_busy",
   "nondeterministic_output request_policy:all_shards response_policy:special"},
  {"hello", "allow_busy", ""},
  {"info", "",
   "nondeterministic_output request_policy:all_shards response_policy:special"},
  {"lastsave", "", "nondeterministic_output"},
  {"latency|doctor", "",
   "nondeterministic_output request_policy:all_nodes response_policy:special"},
  {"latency|graph", "",
   "nondeterministic_output request_policy:all_nodes response_policy:special"},
  {"latency|histogram", "",
   "nondeterministic_output request_policy:all_nodes response_policy:special"},
  {"latency|history", "",
   "nondeterministic_output request_policy:all_nodes response_policy:special"},
  {"latency|latest", "",
   "nondeterministic_output request_policy:all_nodes response_policy:special"},
  {"latency|reset", "",
   "request_policy:all_nodes response_policy:all_succeeded"},
  {"lolwut", "readonly", ""},
  {"memory|doctor", "",
   "nondeterministic_output request_policy:all_shards response_policy:special"},
  {"memory|malloc-stats", "",
   "nondeterministic_output request_policy:all_shards response_policy:special"},
  {"memory|purge", "",
   "request_policy:all_shards response_policy:all_succeeded"},
  {"memory|stats", "",
   "nondeterministic_output request_policy:all_shards response_policy:special"},
  {"memory|usage", "readonly", ""},
  {"module|list", "", "nondeterministic_output_order"},
  {"multi", "allow_busy", ""},
  {"object|encoding", "readonly", "nondeterministic_output"},
  {"object|freq", "readonly", "nondeterministic_output"},
  {"object|idletime", "readonly", "nondeterministic_output"},
  {"object|refcount", "readonly", "nondeterministic_output"},
  {"ping", "", "request_policy:all_shards response_policy:all_succeeded"},
  {"quit", "allow_busy", ""},
  {"reset", "allow_busy", ""},
  {"script|exists", "",
   "request_policy:all_shards response_policy:agg_logical_and"},
  {"script|flush", "",
   "request_policy:all_nodes response_policy:all_succeeded"},
  {"shutdown", "no_multi allow_busy", ""},
  {"slowlog|get", "", "request_policy:all_nodes nondeterministic_output"},
  {"slowlog|len", "",
   "request_policy:all_nodes response_policy:agg_sum nondeterministic_output"},
  {"slowlog|reset", "",
   "request_policy:all_nodes response_policy:all_succeeded"},
  {"swapdb", "write", ""},
  {"time", "", "nondeterministic_output"},
  {"unwatch", "allow_busy", ""},
  {"wait", "", "request_policy:all_shards response_policy:agg_min"},
  {"watch", "allow_busy", ""},
};

constexpr bool in_order() {
  for (std::size_t i = 1; i < std::size(hint_table); ++i)
    if (!(hint_table[i - 1].name < hint_table[i].name))
      return false;
  return true;
}

static_assert(in_order(), "commands in alphabetical order");

} // namespace

command_hints hints_of(std::string_view name) noexcept {
  auto i = std::lower_bound(
    std::begin(hint_table), std::end(hint_table), name,
    [](const command_hints& x, std::string_view y) { return x.name < y; });
  if (i == std::end(hint_table) || i->name != name)
    return {name, {}, {}};
  return *i;
}

} // namespace saker::resp

#include "session/server_replies.hpp"

#include "base/text.hpp"
#include "resp/number.hpp"
#include "session/latency_events.hpp"
#include "session/slow_log.hpp"
#include "session/words.hpp"

#include <chrono>
#include <string>

namespace saker::session {

namespace {

using words = std::span<const std::string_view>;

constexpr std::string_view no_memory_of_data
  = "Saker keeps no keys, so there is no memory of data to look after. INFO "
    "memory tells what the node takes, SVSTATUS what the services take.\n";

void role(resp::writer out) {
  out.array(3);
  out.bulk("master");
  out.integer(0);
  out.array(0);
}

/// `[LIBRARYNAME pattern] [WITHCODE]`
void function_list(resp::writer out, words options) {
  while (!options.empty()) {
    auto named = equal_ignoring_case(options[0], "LIBRARYNAME");
    if (!named && !equal_ignoring_case(options[0], "WITHCODE"))
      return out.error("ERR Unknown argument "
                       + std::string{excerpt(options[0])});
    if (named && options.size() < 2)
      return out.error("ERR library name argument was not given");
    options = options.subspan(named ? 2 : 1);
  }
  out.array(0);
}

void function_stats(resp::writer out) {
  out.map(2);
  out.bulk("running_script");
  out.null();
  out.bulk("engines");
  out.map(1);
  out.bulk("LUA");
  out.map(2);
  out.bulk("libraries_count");
  out.integer(0);
  out.bulk("functions_count");
  out.integer(0);
}

void swapdb(resp::writer out, words args, const settings& config) {
  auto first = resp::strict_integer(args[1]);
  auto second = resp::strict_integer(args[2]);
  auto known = [&config](std::int64_t x) {
    return x >= 0 && static_cast<std::size_t>(x) < config.databases;
  };
  if (!first)
    out.error("ERR invalid first DB index");
  else if (!second)
    out.error("ERR invalid second DB index");
  else if (!known(*first) || !known(*second))
    out.error("ERR DB index is out of range");
  else
    out.simple("OK");
}

/// `[SAMPLES count]` behind the key.
void memory_usage(resp::writer out, words options) {
  for (; !options.empty(); options = options.subspan(2)) {
    if (options.size() < 2 || !equal_ignoring_case(options[0], "SAMPLES"))
      return out.error("ERR syntax error");
    auto count = resp::strict_integer(options[1]);
    if (!count)
      return out.error("ERR value is not an integer or out of range");
    if (*count < 0)
      return out.error("ERR syntax error");
  }
  out.null();
}

/// There are no replicas and none can come, so there is nothing to wait for.
void wait_for_replicas(resp::writer out, words args) {
  auto timeout = resp::strict_integer(args[2]);
  if (!resp::strict_integer(args[1]))
    out.error("ERR value is not an integer or out of range");
  else if (!timeout)
    out.error("ERR timeout is not an integer or out of range");
  else if (*timeout < 0)
    out.error("ERR timeout is negative");
  else
    out.integer(0);
}

std::int64_t seconds_of(std::chrono::system_clock::time_point x) {
  return std::chrono::duration_cast<std::chrono::seconds>(x.time_since_epoch())
    .count();
}

} // namespace

bool append_server_reply(resp::writer out, resp::command_id what, words args,
                         const settings& config) {
  using id = resp::command_id;
  switch (what) {
    case id::asking:
    case id::readonly:
    case id::readwrite:
      out.error("ERR This instance has cluster support disabled");
      break;
    case id::function_list: function_list(out, args.subspan(2)); break;
    case id::function_stats: function_stats(out); break;
    case id::lastsave: out.integer(seconds_of(config.started)); break;
    case id::lolwut: out.verbatim("Redis ver. " + config.version + "\n"); break;
    case id::memory_doctor: out.verbatim(no_memory_of_data); break;
    case id::memory_malloc_stats:
      out.bulk("Stats not supported for the current allocator");
      break;
    case id::memory_purge: out.simple("OK"); break;
    case id::module_list: out.array(0); break;
    case id::memory_usage: memory_usage(out, args.subspan(3)); break;
    case id::object_encoding:
    case id::object_freq:
    case id::object_idletime:
    case id::object_refcount: out.null(); break;
    case id::role: role(out); break;
    case id::swapdb: swapdb(out, args, config); break;
    case id::wait: wait_for_replicas(out, args); break;
    default:
      // Without a slow log nothing is measured, and nothing is to be told.
      static latency_monitor nothing;
      return append_latency_events(
        out, what, args, config.slow ? config.slow->latencies() : nothing);
  }
  return true;
}

} // namespace saker::session

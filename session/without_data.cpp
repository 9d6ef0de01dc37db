#include "session/without_data.hpp"

#include "base/text.hpp"
#include "pubsub/glob.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace saker::session {

namespace {

using words = std::span<const std::string_view>;

bool is_flush_mode(std::string_view x) {
  return equal_ignoring_case(x, "ASYNC") || equal_ignoring_case(x, "SYNC");
}

/// `FLUSHALL [ASYNC|SYNC]`; `options` are the words behind the name.
void flush(resp::writer out, words options, std::string_view error) {
  if (options.empty() || (options.size() == 1 && is_flush_mode(options[0])))
    out.simple("OK");
  else
    out.error(error);
}

void function_flush(resp::writer out, words options) {
  if (options.size() > 1)
    out.error("ERR unknown subcommand or wrong number of arguments for "
              "'FLUSH'. Try FUNCTION HELP.");
  else
    flush(out, options, "ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
}

void on_or_off(resp::writer out, std::string_view word) {
  if (equal_ignoring_case(word, "ON") || equal_ignoring_case(word, "OFF"))
    out.simple("OK");
  else
    out.error("ERR syntax error");
}

void script_exists(resp::writer out, std::size_t count) {
  out.array(count);
  while (count-- > 0)
    out.integer(0);
}

// -- CONFIG GET ----------------------------------------------------------------

/// Parameters of Redis that mean something here, and those that
/// redis-benchmark asks for.
std::vector<std::pair<std::string_view, std::string>>
parameters(const settings& config) {
  return {
    {"appendonly", "no"},
    {"client-query-buffer-limit", std::to_string(config.query_buffer)},
    {"databases", std::to_string(config.databases)},
    {"proto-max-bulk-len", std::to_string(config.requests.bulk)},
    {"save", ""},
    {"timeout", "0"},
  };
}

/// Each parameter once, a name that was asked for as it was spelt.
void config_get(resp::writer out, words patterns, const settings& config) {
  auto all = parameters(config);
  std::erase_if(all, [&](auto& x) {
    auto hit = std::find_if(patterns.begin(), patterns.end(), [&](auto y) {
      return pubsub::glob_match(to_lower(y), x.first);
    });
    if (hit == patterns.end())
      return true;
    if (equal_ignoring_case(*hit, x.first))
      x.first = *hit;
    return false;
  });
  out.map(all.size());
  for (auto& [name, text] : all) {
    out.bulk(name);
    out.bulk(text);
  }
}

} // namespace

bool append_without_data(resp::writer out, resp::command_id what, words args,
                         const settings& config) {
  using id = resp::command_id;
  switch (what) {
    case id::client_no_evict:
    case id::client_no_touch: on_or_off(out, args[2]); break;
    case id::cluster:
      out.error("ERR This instance has cluster support disabled");
      break;
    case id::config_get: config_get(out, args.subspan(2), config); break;
    case id::dbsize: out.integer(0); break;
    case id::flushall:
    case id::flushdb: flush(out, args.subspan(1), "ERR syntax error"); break;
    case id::function_flush: function_flush(out, args.subspan(2)); break;
    case id::latency_history:
    case id::latency_latest: out.array(0); break;
    case id::latency_reset: out.integer(0); break;
    case id::script_exists: script_exists(out, args.size() - 2); break;
    case id::script_flush:
      flush(out, args.subspan(2),
            "ERR SCRIPT FLUSH only support SYNC|ASYNC option");
      break;
    default: return false;
  }
  return true;
}

} // namespace saker::session

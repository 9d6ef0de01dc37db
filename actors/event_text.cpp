#include "actors/event_text.hpp"

#include "base/json.hpp"
#include "base/units.hpp"
#include "process/exit_status.hpp"

#include <nlohmann/json.hpp>

namespace saker {

using supervision::cause;

std::string
event_channel(std::string_view node, const supervision::instance& who,
              std::string_view name) {
  std::string result = "saker:";
  result += node;
  result += ':';
  result += who.display();
  result += ':';
  result += name;
  return result;
}

std::string
log_channel(std::string_view node, const supervision::instance& who) {
  std::string result = "log:";
  result += node;
  result += ':';
  result += who.display();
  return result;
}

std::string
event_payload(std::string_view node, const supervision::instance& who,
              const supervision::effect::publish& what,
              const supervision::event_id& id, std::int64_t unix_ms,
              std::int64_t next_unix_ms) {
  nlohmann::ordered_json x;
  x["id"] = to_string(id);
  x["ts"] = unix_ms;
  x["node"] = node;
  x["service"] = who.display();
  x["event"] = what.name;
  x["from"] = supervision::to_string(what.from);
  x["to"] = supervision::to_string(what.to);
  x["cause"] = what.why ? nlohmann::ordered_json(to_string(what.why))
                        : nlohmann::ordered_json(nullptr);
  x["code"] = nullptr;
  x["signal"] = nullptr;
  if (what.why.what == cause::kind::exited)
    x["code"] = what.why.number;
  if (what.why.what == cause::kind::signaled)
    x["signal"] = process::signal_name(what.why.number);
  x["core"] = what.why.core;
  x["pid"] = what.pid;
  x["uptime"] = nullptr;
  if (what.uptime)
    x["uptime"] = in_milliseconds(*what.uptime);
  x["restarts"] = what.restarts;
  x["next_at"] = nullptr;
  if (next_unix_ms != 0)
    x["next_at"] = next_unix_ms;
  if (!what.next.empty())
    x["next"] = what.next;
  x["row"] = what.row.empty() ? nlohmann::ordered_json(nullptr)
                              : nlohmann::ordered_json(what.row);
  if (what.orphans > 0)
    x["orphans_killed"] = what.orphans;
  if (!what.reason.empty())
    x["reason"] = what.reason;
  // What is not UTF-8 (a path in a reason) must not cost the whole event.
  return x.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string
scaled_payload(std::string_view node, std::string_view service,
               std::uint32_t before, std::uint32_t after, std::string_view by,
               const supervision::event_id& id, std::int64_t unix_ms) {
  nlohmann::ordered_json x;
  x["id"] = to_string(id);
  x["ts"] = unix_ms;
  x["node"] = node;
  x["service"] = service;
  x["event"] = "scaled";
  x["count"] = after;
  x["count_before"] = before;
  x["reason"] = std::to_string(before) + " to " + std::to_string(after)
                + " instances" + (by.empty() ? "" : " by ") + std::string{by};
  return x.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string script_event_channel(std::string_view node, std::string_view file,
                                 std::string_view name) {
  auto stem = file.substr(0, file.rfind('.'));
  std::string result = "saker:";
  result += node;
  result += ":script/";
  result += stem;
  result += ':';
  result += name;
  return result;
}

std::string
script_event_payload(std::string_view node, std::string_view file,
                     std::string_view name, std::string_view data,
                     const supervision::event_id& id, std::int64_t unix_ms) {
  std::string out = "{\"id\":\"" + to_string(id)
                    + "\",\"ts\":" + std::to_string(unix_ms) + ",\"node\":";
  append_json(out, node);
  out += ",\"script\":";
  append_json(out, file);
  out += ",\"event\":";
  append_json(out, name);
  out += ",\"data\":";
  out += data;
  out += '}';
  return out;
}

} // namespace saker

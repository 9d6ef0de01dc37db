#include "supervision/cause.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "process/exit_status.hpp"

#include <algorithm>
#include <array>

namespace saker::supervision {

namespace {

constexpr std::array<std::string_view, 8> words
  = {"exec", "unready", "unhealthy", "oom", "timeout", "unknown", "lost", "*"};

/// The keys under which a cause is looked up, before `*`.
std::array<std::string, 2> keys_of(const cause& x) {
  using kind = cause::kind;
  switch (x.what) {
    case kind::exited: return {std::to_string(x.number), {}};
    case kind::signaled: return {process::signal_name(x.number), {}};
    case kind::oom: return {"oom", "SIGKILL"};
    default: return {to_string(x), {}};
  }
}

} // namespace

std::string to_string(const cause& x) {
  using kind = cause::kind;
  switch (x.what) {
    case kind::none: return "none";
    case kind::exited: return "exit " + std::to_string(x.number);
    case kind::signaled: return process::signal_name(x.number);
    case kind::oom: return "oom";
    case kind::exec: return "exec";
    case kind::unready: return "unready";
    case kind::unhealthy: return "unhealthy";
    case kind::timeout: return "timeout";
    case kind::unknown: return "unknown";
    case kind::lost: return "lost";
    case kind::resources: return "resources";
    case kind::cancelled: return "cancelled";
  }
  return "unknown";
}

std::string to_string(const decision& x) {
  using action = decision::action;
  switch (x.what) {
    case action::restart:
      return x.after ? "restart after " + format_duration(*x.after) : "restart";
    case action::done: return "done";
    case action::fatal: return "fatal";
    case action::escalate: return "escalate";
    case action::shutdown: return "shutdown";
  }
  return "restart";
}

exit_table::exit_table()
  : rows_{{"*", {decision::action::restart, {}}},
          {"exec", {decision::action::fatal, {}}}} {
  // nop
}

std::optional<exit_table> exit_table::named(std::string_view word) {
  exit_table result;
  if (word == "permanent")
    return result;
  if (word == "transient") {
    result.set("0", {decision::action::done, {}});
    return result;
  }
  if (word == "temporary") {
    result.set("*", {decision::action::done, {}});
    return result;
  }
  return std::nullopt;
}

bool exit_table::is_key(std::string_view key) {
  if (std::find(words.begin(), words.end(), key) != words.end())
    return true;
  if (auto code = parse_integer(key))
    return *code >= 0 && *code <= 255 && std::to_string(*code) == key;
  auto number = process::signal_number(key);
  return number && process::signal_name(*number) == key;
}

void exit_table::set(std::string key, decision then) {
  rows_[std::move(key)] = then;
}

judgement exit_table::judge(const cause& why) const {
  for (auto& key : keys_of(why))
    if (auto row = rows_.find(key); !key.empty() && row != rows_.end())
      return {row->second, row->first};
  return {rows_.at("*"), "*"};
}

} // namespace saker::supervision

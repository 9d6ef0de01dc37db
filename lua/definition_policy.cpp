#include "base/text.hpp"
#include "lua/definition_checks.hpp"
#include "process/exit_status.hpp"

#include <algorithm>

namespace saker::lua {

namespace {

using namespace std::chrono_literals;
using kind = definition_value::kind;
using supervision::decision;
using supervision::exit_table;
using supervision::service;
using supervision::spent_rule;

const std::vector<std::string> decisions = {"restart", "done", "fatal",
                                            "escalate", "shutdown"};

/// What `restart` is called here that other supervisors call so.
std::string_view word_here(std::string_view x) {
  if (x == "always")
    return "permanent";
  if (x == "on-failure" || x == "on_failure")
    return "transient";
  return x == "no" || x == "never" ? "temporary" : "";
}

std::optional<decision::action> action_named(std::string_view x) {
  using action = decision::action;
  if (x == "restart")
    return action::restart;
  if (x == "done")
    return action::done;
  if (x == "fatal")
    return action::fatal;
  if (x == "escalate")
    return action::escalate;
  if (x == "shutdown")
    return action::shutdown;
  return std::nullopt;
}

/// The key of a row as it is kept, or nothing after an error.
std::optional<std::string>
row_key(const definition_value::entry& entry, key_checks& check) {
  if (entry.name.empty()) {
    if (entry.number >= 0 && entry.number <= 255)
      return std::to_string(entry.number);
    check.wrong("exit: " + std::to_string(entry.number)
                + " is not an exit code: these are 0 to 255");
    return std::nullopt;
  }
  if (exit_table::is_key(entry.name))
    return entry.name;
  std::string hint;
  if (auto number = process::signal_number(entry.name))
    hint = " (did you mean \"" + process::signal_name(*number) + "\"?)";
  else
    hint = did_you_mean(entry.name,
                        {"exec", "unready", "unhealthy", "oom", "timeout",
                         "unknown", "lost", "SIGSEGV", "SIGABRT", "SIGKILL",
                         "SIGTERM", "SIGBUS", "SIGINT", "SIGHUP", "SIGPIPE"});
  check.wrong("exit: there is no cause \"" + printable(entry.name, 60) + "\""
              + hint);
  return std::nullopt;
}

std::optional<decision>
row_decision(const definition_value& x, const key_checks& check) {
  if (x.is(kind::function)) {
    check.wrong(check.where() + ": functions are not available yet");
    return std::nullopt;
  }
  auto first = leading_word(x);
  if (!first || !first->is(kind::text)) {
    check.wrong(check.where()
                + " must be a decision such as \"restart\" or "
                  "{\"restart\", after = \"5s\"}, not "
                + describe(x));
    return std::nullopt;
  }
  auto what = action_named(first->text);
  if (!what) {
    auto hint = did_you_mean(first->text, decisions);
    check.wrong(
      check.where() + ": there is no decision " + describe(*first)
      + (hint.empty() ? "; write restart, done, fatal or shutdown" : hint));
    return std::nullopt;
  }
  decision result{*what, {}};
  if (!x.is(kind::table))
    return result;
  for (auto& entry : x.entries) {
    if (entry.name.empty() && entry.number == 1)
      continue;
    auto inner = check.inside(entry);
    if (entry.name != "after") {
      inner.unknown(entry, {"after"});
      return std::nullopt;
    }
    if (*what != decision::action::restart) {
      check.wrong(check.where() + ": only \"restart\" can have after");
      return std::nullopt;
    }
    result.after = inner.duration(entry.value, 0ms, 24h);
    if (!result.after)
      return std::nullopt;
  }
  return result;
}

} // namespace

const definition_value* leading_word(const definition_value& x) {
  if (!x.is(kind::table))
    return &x;
  for (auto& entry : x.entries)
    if (entry.name.empty() && entry.number == 1)
      return &entry.value;
  return nullptr;
}

void read_exit(const definition_value& x, service& into, key_checks& check) {
  if (!x.is(kind::table))
    return check.wrong("exit must be a table such as {[0] = \"done\", [\"*\"] "
                       "= \"restart\"}, not "
                       + describe(x)
                       + (x.is(kind::text) ? "; restart takes a word" : ""));
  exit_table table;
  for (auto& entry : x.entries) {
    auto key = row_key(entry, check);
    auto then = row_decision(entry.value, check.inside(entry));
    if (key && then)
      table.set(std::move(*key), *then);
  }
  into.exit = std::move(table);
}

void read_restart(const definition_value& x, service& into, key_checks& check) {
  if (auto meant = x.is(kind::text) ? word_here(x.text) : ""; !meant.empty())
    return check.wrong("restart must be \"permanent\", \"transient\" or "
                       "\"temporary\", not "
                       + describe(x) + " (did you mean \"" + std::string{meant}
                       + "\"?)");
  if (auto word = check.one_of(x, {"permanent", "transient", "temporary"}))
    into.exit = *exit_table::named(*word);
}

void read_budget(const definition_value& x, service& into, key_checks& check) {
  if (x.is(kind::boolean) && !x.truth) {
    into.budget = {0, 0s};
    return;
  }
  if (!x.is(kind::text))
    return check.wrong("budget must be a text such as \"5/30s\", or false for "
                       "no limit, not "
                       + describe(x));
  auto limit = supervision::parse_budget(x.text);
  if (!limit)
    return check.wrong("budget: " + limit.error().detail);
  into.budget = *limit;
}

void read_spent(const definition_value& x, service& into, key_checks& check) {
  spent_rule rule;
  auto first = leading_word(x);
  auto what = check.one_of(first ? *first : x, {"rest", "fatal", "escalate"});
  if (!what)
    return;
  if (*what != "rest" && x.entries.size() > 1)
    return check.wrong("spent: only \"rest\" takes a duration");
  for (auto& entry : x.entries) {
    auto inner = check.inside(entry);
    if (entry.name == "times" || entry.name == "within")
      return check.wrong(inner.where() + " is not available yet");
    if (!entry.name.empty() || entry.number > 2)
      return inner.unknown(entry, {"times", "within"});
    if (entry.number != 2)
      continue;
    auto rest = inner.duration(entry.value, 1s, 24h * 30);
    if (!rest)
      return;
    rule.rest = *rest;
  }
  if (*what == "fatal")
    rule.what = spent_rule::action::fatal;
  else if (*what == "escalate")
    rule.what = spent_rule::action::escalate;
  into.spent = rule;
}

void read_backoff(const definition_value& x, service& into, key_checks& check) {
  supervision::backoff_rule rule;
  if (x.is(kind::text)) {
    auto constant = check.duration(x, 1ms, 24h);
    if (!constant)
      return;
    rule.first = rule.cap = *constant;
    into.backoff = rule;
    return;
  }
  if (!x.is(kind::table))
    return check.wrong("backoff must be a table such as {\"200ms\", \"60s\", x "
                       "= 2}, not "
                       + describe(x));
  auto good = true;
  auto capped = false;
  auto put = [&](auto value, auto& member) {
    if (value)
      member = *value;
    else
      good = false;
  };
  for (auto& entry : x.entries) {
    auto inner = check.inside(entry);
    if (entry.name.empty() && entry.number == 1)
      put(inner.duration(entry.value, 1ms, 24h), rule.first);
    else if (entry.name.empty() && entry.number == 2) {
      put(inner.duration(entry.value, 1ms, 24h), rule.cap);
      capped = true;
    } else if (entry.name == "x")
      put(inner.number(entry.value, 1, 10), rule.factor);
    else if (entry.name == "jitter")
      put(inner.number(entry.value, 0, 1), rule.jitter);
    else if (entry.name == "reset")
      put(inner.duration(entry.value, 0ms, 24h * 30), rule.reset);
    else {
      inner.unknown(entry, {"x", "jitter", "reset"});
      good = false;
    }
  }
  if (!good)
    return;
  if (!capped)
    rule.cap = std::max(rule.cap, rule.first);
  if (rule.first > rule.cap)
    return check.wrong("backoff: the first wait is longer than the longest");
  into.backoff = rule;
}

} // namespace saker::lua

#include "lua/definition_keys.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "lua/definition_checks.hpp"
#include "lua/definition_programs.hpp"
#include "process/exit_status.hpp"
#include "process/spec.hpp"
#include "supervision/scale.hpp"

#include <algorithm>
#include <csignal>
#include <map>

namespace saker::lua {

namespace {

using namespace std::chrono_literals;
using kind = definition_value::kind;
using supervision::hook_kind;
using supervision::service;

using key_function = void (*)(const definition_value&, service&, key_checks&);

constexpr std::uint64_t smallest_log = 4096;
constexpr std::uint64_t largest_log = std::uint64_t{1} << 40;

// -- what is started -----------------------------------------------------------

void read_exec(const definition_value& x, service& into, key_checks& check) {
  if (x.is(kind::text)) {
    if (trim(x.text).empty())
      return check.wrong("exec is empty: write the program and its arguments, "
                         "for example {\"sleep\", \"60\"}");
    if (!check.no_zero_byte(x.text) || !check.short_enough("exec", x.text))
      return;
    check.warn("exec is a text and is run by /bin/sh -c; a table of the "
               "program and its arguments needs no shell");
    into.exec = {"/bin/sh", "-c", x.text};
    into.shell = true;
    return;
  }
  if (auto argv = check.arguments(x)) {
    into.exec = std::move(*argv);
    into.shell = false;
  }
}

void read_count(const definition_value& x, service& into, key_checks& check) {
  if (auto count = check.integer(x, 0, 10'000)) {
    into.count = static_cast<std::uint32_t>(*count);
    into.counted = true;
  }
}

void read_autostart(const definition_value& x, service& into,
                    key_checks& check) {
  if (auto truth = check.boolean(x))
    into.autostart = *truth;
}

void read_pidfile(const definition_value& x, service& into, key_checks& check) {
  if (auto path = check.absolute_path(x))
    into.pidfile = std::move(*path);
}

// -- how it ends ---------------------------------------------------------------

void read_start_timeout(const definition_value& x, service& into,
                        key_checks& check) {
  if (auto time = check.duration(x, 100ms, 1h))
    into.start_timeout = *time;
}

void read_stop(const definition_value& x, service& into, key_checks& check) {
  if (x.is(kind::table)) {
    if (auto argv = check.arguments(x))
      into.stop = supervision::command_ladder(std::move(*argv));
    return;
  }
  if (!x.is(kind::text))
    return check.wrong("stop must be a ladder such as \"TERM 10s KILL\", or a "
                       "command as a list, not "
                       + describe(x));
  auto ladder = supervision::parse_ladder(x.text);
  if (!ladder)
    return check.wrong("stop: " + ladder.error().detail);
  into.stop = std::move(*ladder);
}

void read_reload(const definition_value& x, service& into, key_checks& check) {
  supervision::reload_rule how;
  if (x.is(kind::table)) {
    auto argv = check.arguments(x);
    if (!argv)
      return;
    how.command = std::move(*argv);
  } else if (auto number = x.is(kind::text) ? process::signal_number(x.text)
                                            : std::nullopt) {
    how.signal = *number;
  } else {
    return check.wrong("reload must be a signal such as \"HUP\", or a command "
                       "as a list such as {\"nginx\", \"-s\", \"reload\"}, "
                       "not "
                       + describe(x));
  }
  if (how.signal == SIGKILL || how.signal == SIGSTOP)
    return check.wrong("reload: no program hears " + printable(x.text, 20)
                       + "; it needs a signal such as \"HUP\"");
  into.reload = std::move(how);
}

void read_kill(const definition_value& x, service& into, key_checks& check) {
  using supervision::kill_scope;
  if (auto word = check.one_of(x, {"tree", "leader"}))
    into.kill = *word == "tree" ? kill_scope::tree : kill_scope::leader;
}

/// `"24h"`, `{"24h", jitter = 0.1}` or false.
void read_max_age(const definition_value& x, service& into, key_checks& check) {
  supervision::aging age;
  if (x.is(kind::boolean) && !x.truth) {
    into.max_age = age;
    return;
  }
  auto first = leading_word(x);
  auto after = check.duration(first ? *first : x, 1s, 24h * 3650);
  if (!after)
    return;
  age.after = *after;
  for (auto& entry : x.entries) {
    if (entry.name.empty() && entry.number == 1)
      continue;
    auto inner = check.inside(entry);
    if (entry.name != "jitter")
      return inner.unknown(entry, {"jitter"});
    auto jitter = inner.number(entry.value, 0, 1);
    if (!jitter)
      return;
    age.jitter = *jitter;
  }
  into.max_age = age;
}

// -- output --------------------------------------------------------------------

void read_log_key(const definition_value::entry& entry,
                  supervision::log_settings& log, key_checks& check) {
  using full = supervision::log_settings::when_full;
  auto& x = entry.value;
  if (entry.name == "file") {
    if (auto path = check.absolute_path(x))
      log.file = std::move(*path);
  } else if (entry.name == "size") {
    if (auto size = check.size(x, smallest_log, largest_log))
      log.size = *size;
  } else if (entry.name == "keep") {
    if (auto keep = check.integer(x, 0, 1000))
      log.keep = static_cast<std::uint32_t>(*keep);
  } else if (entry.name == "split") {
    if (auto split = check.boolean(x))
      log.split = *split;
  } else if (entry.name == "full") {
    if (auto word = check.one_of(x, {"drop", "block"}))
      log.full = *word == "drop" ? full::drop : full::block;
  } else if (entry.name == "gzip" || entry.name == "total") {
    if (!x.is(kind::boolean) || x.truth)
      check.wrong(check.where() + " is not available yet");
  } else {
    check.unknown(entry,
                  {"file", "size", "keep", "split", "full", "gzip", "total"});
  }
}

void read_log(const definition_value& x, service& into, key_checks& check) {
  if (x.is(kind::boolean)) {
    into.log.reset();
    if (x.truth)
      into.log.emplace();
    return;
  }
  if (!x.is(kind::table))
    return check.wrong("log must be true, false or a table such as {size = "
                       "\"10M\", keep = 5}, not "
                       + describe(x));
  supervision::log_settings log;
  for (auto& entry : x.entries) {
    auto inner = check.inside(entry);
    read_log_key(entry, log, inner);
  }
  into.log = std::move(log);
}

// -- readiness -----------------------------------------------------------------

void read_ready(const definition_value& x, service&, key_checks& check) {
  // up("0s") is what it is anyway; other checks have been refused where they
  // were made.
  if (!x.is(kind::handle) || x.text == "policy" || x.text == "service")
    check.wrong("ready must be a check such as up(\"0s\"), not " + describe(x));
}

/// Applied before all other keys: see definition_file.cpp.
void read_policy(const definition_value& x, service&, key_checks& check) {
  if (!x.is(kind::handle) || x.text != "policy")
    check.wrong("policy must be what policy {…} returned, not " + describe(x));
}

// -- the table of keys ---------------------------------------------------------

enum scope_bit { in_service = 1, in_defaults = 2, in_policy = 4 };

struct key {
  key_function read; ///< nullptr: not available yet
  int allowed = in_service | in_defaults;
};

constexpr int anywhere = in_service | in_defaults | in_policy;

const std::map<std::string, key, std::less<>> keys = {
  {"exec", {read_exec, in_service}},
  {"count", {read_count}},
  {"autostart", {read_autostart}},
  {"dir", {read_dir}},
  {"user", {read_user}},
  {"groups", {read_groups}},
  {"supplementary_groups", {read_supplementary_groups}},
  {"umask", {read_umask}},
  {"env", {read_env}},
  {"inherit_env", {read_inherit_env}},
  {"exit", {read_exit, anywhere}},
  {"restart", {read_restart, anywhere}},
  {"budget", {read_budget, anywhere}},
  {"spent", {read_spent, anywhere}},
  {"backoff", {read_backoff, anywhere}},
  {"start_timeout", {read_start_timeout}},
  {"stop", {read_stop}},
  {"kill", {read_kill}},
  {"reload", {read_reload}},
  {"pidfile", {read_pidfile, in_service}},
  {"match", {read_match, in_service}},
  {"log", {read_log}},
  {"ready", {read_ready}},
  {"policy", {read_policy}},
  {"needs", {nullptr}},
  {"alive", {nullptr}},
  {"daemon", {read_daemon, in_service}},
  {"stdin", {read_stdin}},
  {"env_file", {read_env_file}},
  {"limits", {read_limits}},
  {"nice", {read_nice}},
  {"oom", {read_oom}},
  {"cpus", {read_cpus}},
  {"no_new_privs", {read_no_new_privs}},
  {"memory", {nullptr}},
  {"listen", {read_listen, in_service}},
  {"before", {read_before}},
  {"after", {read_after}},
  {"every", {read_every}},
  {"cron", {read_cron}},
  {"overlap", {read_overlap}},
  {"max_age", {read_max_age}},
  {"vital", {nullptr}},
  {"place", {nullptr}},
  {"on_exit", {nullptr}},
  {"on_failed", {read_on_failed}},
};

int bit_of(definition_scope x) {
  switch (x) {
    case definition_scope::service: return in_service;
    case definition_scope::defaults: return in_defaults;
    case definition_scope::policy: return in_policy;
  }
  return 0;
}

std::vector<std::string> names_for(int scope) {
  std::vector<std::string> result;
  for (auto& [name, key] : keys)
    if ((key.allowed & scope) != 0)
      result.push_back(name);
  return result;
}

void unknown_key(const definition_value::entry& entry,
                 const std::vector<std::string>& known,
                 const key_checks& check) {
  auto hint = foreign_key_hint(entry.name);
  if (hint.empty())
    return check.unknown(entry, known);
  check.wrong("there is no key \"" + entry.name + '"' + hint);
}

std::string_view name_of(definition_scope x) {
  return x == definition_scope::policy ? "a policy" : "defaults";
}

} // namespace

const std::vector<std::string>& definition_keys() {
  static const auto result = names_for(in_service);
  return result;
}

void apply_keys(const definition_value& table, definition_scope scope,
                service& into, const definition_sink& sink) {
  auto bit = bit_of(scope);
  for (auto& entry : table.entries) {
    key_checks check{sink, entry.name};
    if (entry.name.empty()) {
      sink.error({}, describe(entry.value)
                       + " has no key: write for example exec = {\"sleep\", "
                         "\"60\"}");
      continue;
    }
    auto found = keys.find(entry.name);
    if (found == keys.end())
      unknown_key(entry, names_for(bit), check);
    else if ((found->second.allowed & bit) == 0)
      check.wrong(entry.name + " makes no sense in "
                  + std::string{name_of(scope)});
    else if (found->second.read == nullptr)
      check.wrong(entry.name + " is not available yet");
    else
      found->second.read(entry.value, into, check);
  }
  if (table.find("exit") && table.find("restart"))
    sink.error("restart", "restart and exit exclude each other: restart is "
                          "only a short form of exit");
}

namespace {

/// What Linux takes of one program start; more may come by inherit_env.
void check_sizes(const service& x, const definition_sink& sink) {
  std::vector<std::string> env;
  for (auto& [name, value] : x.env)
    env.push_back(name + '=' + value);
  for (auto& [name, value] : x.file_env)
    env.push_back(name + '=' + value);
  auto check = [&](const char* key, const std::vector<std::string>& argv) {
    if (auto fits = process::check_size(argv, env); !fits)
      sink.error(key, std::string{key} + ": " + fits.error().detail);
  };
  check("exec", x.exec);
  check("stop", x.stop.command);
  if (x.reload)
    check("reload", x.reload->command);
  for (auto which : {hook_kind::before, hook_kind::after, hook_kind::on_failed})
    for (auto& command : x.hook_of(which).commands)
      check(std::string{to_string(which)}.c_str(), command);
}

} // namespace

void check_service(const service& x, const definition_sink& sink) {
  if (x.exec.empty())
    sink.error({}, "exec is missing: write the program and its arguments, for "
                   "example exec = {\"sleep\", \"60\"}");
  check_sizes(x, sink);
  check_schedule(x, sink);
  // `groups` once had the meaning of the other key.
  for (auto& name : x.groups)
    if (sink.host->group_exists && sink.host->group_exists(name)
        && x.supplementary_groups.empty())
      sink.warning("groups", "groups: \"" + name
                               + "\" is a group of services; if the group of "
                                 "this machine is meant, write "
                                 "supplementary_groups");
  if (x.count > 1)
    for (auto& key : supervision::shared_files(x))
      sink.error(key, supervision::needs_index(key));
  check_daemon(x, sink);
  for (auto& [key, then] : x.exit.rows())
    if (then.what == supervision::decision::action::escalate)
      sink.error("exit", "exit: \"escalate\" needs a tree, and trees are not "
                         "available yet");
  if (x.spent.what == supervision::spent_rule::action::escalate)
    sink.error("spent", "spent: \"escalate\" needs a tree, and trees are not "
                        "available yet");
}

} // namespace saker::lua

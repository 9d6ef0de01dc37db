#include "actors/config_reply.hpp"

#include "actors/reply_text.hpp"
#include "base/http_url.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "process/exit_status.hpp"
#include "process/spec.hpp"
#include "supervision/secrets.hpp"

#include <algorithm>
#include <cstdio>

#include <sys/resource.h>

namespace saker {

using namespace supervision;

namespace {

using texts = std::vector<std::string>;

resp::value list(const texts& all) {
  resp::array result;
  for (auto& x : all)
    result.items.emplace_back(x);
  return result;
}

resp::value exec_value(const service& x, bool secrets) {
  auto argv = x.exec;
  if (!secrets && x.shell)
    argv.back() = without_secrets(std::string_view{argv.back()});
  else if (!secrets)
    argv = without_secrets(argv);
  // As it was written: a text is for a shell.
  return x.shell ? resp::value{argv.back()} : list(argv);
}

/// What env and env_file say together.
resp::value env_value(const service& x, bool secrets) {
  auto all = x.file_env;
  all.insert(x.env.begin(), x.env.end());
  resp::map result;
  for (auto& [name, value] : all)
    result.add(name, secrets ? value
                     : is_secret_name(name)
                       ? std::string{hidden}
                       : without_secrets(std::string_view{value}));
  return result;
}

resp::value command_value(const texts& argv, bool secrets) {
  return list(secrets ? argv : without_secrets(argv));
}

resp::value hook_value(const hook& x, bool secrets) {
  if (x.empty())
    return nullptr;
  if (auto url = parse_http_url(x.url))
    // Whoever knows the path may often do as he likes there.
    return resp::map{}
      .add("url", secrets ? x.url
                          : (url->tls ? "https://" : "http://") + url->authority
                              + '/' + std::string{hidden})
      .add("within", format_duration(x.within));
  resp::array commands;
  for (auto& argv : x.commands)
    commands.items.push_back(command_value(argv, secrets));
  return resp::map{}
    .add("commands", std::move(commands))
    .add("within", format_duration(x.within));
}

resp::value reload_value(const std::optional<reload_rule>& x, bool secrets) {
  if (!x)
    return nullptr;
  if (x->command.empty())
    return process::signal_name(x->signal);
  return command_value(x->command, secrets);
}

resp::value limits_value(const std::vector<process::limit>& all) {
  auto shown = [](std::uint64_t x) {
    return x == RLIM_INFINITY ? resp::value{"unlimited"} : resp::value{x};
  };
  resp::map result;
  for (auto& x : all)
    result.add(process::limit_name(x.resource),
               x.soft == x.hard
                 ? shown(x.soft)
                 : resp::value{resp::array{{shown(x.soft), shown(x.hard)}}});
  return result;
}

resp::value cpus_value(const std::vector<int>& all) {
  if (all.empty())
    return nullptr;
  resp::array result;
  for (auto x : all)
    result.items.emplace_back(x);
  return result;
}

resp::value octal(unsigned x) {
  char text[16];
  std::snprintf(text, sizeof(text), "%03o", x);
  return text;
}

resp::value listen_value(const std::vector<listen_socket>& all) {
  resp::array result;
  for (auto& x : all)
    result.items.push_back(resp::map{}
                             .add("address", x.address)
                             .add("name", or_null(x.name))
                             .add("backlog", x.backlog)
                             .add("mode", octal(x.mode))
                             .add("group", or_null(x.group)));
  return result;
}

resp::value age_value(const aging& x) {
  if (x.after == duration::zero())
    return nullptr;
  return resp::map{}
    .add("after", format_duration(x.after))
    .add("jitter", x.jitter);
}

std::string_view overlap_text(schedule::overlap_rule x) {
  switch (x) {
    case schedule::overlap_rule::skip: return "skip";
    case schedule::overlap_rule::queue: return "queue";
    case schedule::overlap_rule::kill: return "kill";
  }
  return "skip";
}

resp::value exit_value(const exit_table& x) {
  resp::map result;
  for (auto& [row, decision] : x.rows())
    result.add(row, to_string(decision));
  return result;
}

resp::value backoff_value(const backoff_rule& x) {
  return resp::map{}
    .add("first", format_duration(x.first))
    .add("cap", format_duration(x.cap))
    .add("x", x.factor)
    .add("jitter", x.jitter)
    .add("reset", format_duration(x.reset));
}

resp::value stop_value(const ladder& x, bool secrets) {
  if (!x.command.empty())
    return command_value(x.command, secrets);
  return to_string(x);
}

/// As people write it: 10M, where parse_size takes that for ten million.
std::string size_text(std::uint64_t x) {
  constexpr std::uint64_t million = 1'000'000;
  return x != 0 && x % million == 0 ? std::to_string(x / million) + 'M'
                                    : format_size(x);
}

resp::value log_value(const service& x, const config_view& how) {
  if (!x.log)
    return false;
  auto file = x.log->file;
  if (how.index)
    file = log_file(x, *how.index, how.state_dir);
  else if (file.empty())
    file = how.state_dir + "/log/" + x.name + ":{i}.log";
  using full = log_settings::when_full;
  return resp::map{}
    .add("file", file)
    .add("size", size_text(x.log->size))
    .add("keep", x.log->keep)
    .add("split", x.log->split)
    .add("full", x.log->full == full::drop ? "drop" : "block");
}

resp::value daemon_value(const std::optional<daemon_settings>& x) {
  if (!x)
    return nullptr;
  return x->pidfile.empty() ? resp::map{}.add("match", x->match)
                            : resp::map{}.add("pidfile", x->pidfile);
}

resp::value inherit_value(const inherited& x) {
  return x.all ? resp::value{true} : list(x.names);
}

/// Nothing that would help eyes.
bool is_empty(const resp::value& x) {
  if (auto* table = x.get_if<resp::map>())
    return table->entries.empty();
  return x.is_null() || (x.is<resp::array>() && x.items().empty());
}

/// As a literal of Lua.
std::string lua_text(const resp::value& x) {
  if (x.is_null())
    return "nil";
  if (auto* truth = x.get_if<bool>())
    return *truth ? "true" : "false";
  if (auto* number = x.get_if<double>()) {
    char text[32];
    std::snprintf(text, sizeof(text), "%g", *number);
    return text;
  }
  if (auto* number = x.get_if<std::int64_t>())
    return std::to_string(*number);
  std::string result = "{";
  auto add = [&](const std::string& item) {
    result += (result.size() > 1 ? ", " : "") + item;
  };
  if (auto* table = x.get_if<resp::map>())
    for (auto& [key, item] : table->entries)
      add("[\"" + printable(key.text()) + "\"] = " + lua_text(item));
  else if (auto* items = x.get_if<resp::array>())
    for (auto& item : items->items)
      add(lua_text(item));
  else
    return '"' + printable(x.text(), x.text().size()) + '"';
  return result + '}';
}

} // namespace

resp::value config_map(const service& whole, const config_view& how) {
  auto x = how.index ? for_instance(whole, *how.index) : whole;
  auto every = x.when.every != duration::zero();
  return resp::map{}
    .add("name", x.name)
    .add("exec", exec_value(x, how.secrets))
    .add("count", x.counted ? resp::value{x.count} : resp::value{})
    .add("autostart", x.autostart)
    .add("groups", list(x.groups))
    .add("dir", x.dir)
    .add("user", or_null(x.user))
    .add("supplementary_groups", x.supplementary_groups.empty()
                                   ? resp::value{}
                                   : list(x.supplementary_groups))
    .add("umask", octal(x.umask))
    .add("stdin", x.input.empty() ? "/dev/null" : x.input)
    .add("env", env_value(x, how.secrets))
    .add("env_file", list(x.env_file))
    .add("inherit_env", inherit_value(x.inherit_env))
    .add("limits", limits_value(x.limits))
    .add("nice", x.nice)
    .add("oom", x.oom ? resp::value{*x.oom} : resp::value{})
    .add("cpus", cpus_value(x.cpus))
    .add("no_new_privs", x.no_new_privs)
    .add("exit", exit_value(x.exit))
    .add("budget", to_string(x.budget))
    .add("spent", to_string(x.spent))
    .add("backoff", backoff_value(x.backoff))
    .add("start_timeout", format_duration(x.start_timeout))
    .add("max_age", age_value(x.max_age))
    .add("stop", stop_value(x.stop, how.secrets))
    .add("kill", to_string(x.kill))
    .add("reload", reload_value(x.reload, how.secrets))
    .add("every",
         every ? resp::value{format_duration(x.when.every)} : resp::value{})
    .add("cron", x.when.at ? resp::value{x.when.at->text} : resp::value{})
    .add("overlap",
         x.when ? resp::value{overlap_text(x.when.overlap)} : resp::value{})
    .add("before", hook_value(x.before, how.secrets))
    .add("after", hook_value(x.after, how.secrets))
    .add("on_failed", hook_value(x.on_failed, how.secrets))
    .add("listen", listen_value(x.listen))
    .add("pidfile", or_null(x.pidfile))
    .add("daemon", daemon_value(x.daemon))
    .add("match", or_null(x.match))
    .add("log", log_value(whole, how))
    .add("where", or_null(to_string(x.where)));
}

texts config_text(const service& x, const config_view& how) {
  auto all = config_map(x, how);
  auto& entries = all.get_if<resp::map>()->entries;
  std::size_t width = 0;
  for (auto& [key, item] : entries)
    if (!is_empty(item))
      width = std::max(width, key.text().size());
  texts lines{"service \"" + x.name + "\" {  -- "
              + ascii_line(to_string(x.where))};
  for (auto& [key, item] : entries) {
    if (is_empty(item) || key.text() == "name" || key.text() == "where")
      continue;
    std::string line = "  " + std::string{key.text()};
    line += std::string(width - key.text().size(), ' ') + " = ";
    lines.push_back(line + lua_text(item) + ',');
  }
  lines.emplace_back("}");
  return lines;
}

} // namespace saker

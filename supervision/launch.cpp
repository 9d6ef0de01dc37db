#include "supervision/launch.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace saker::supervision {

namespace {

using variables = std::map<std::string, std::string>;

constexpr std::array<std::string_view, 4> of_the_user = {"HOME", "USER",
                                                         "LOGNAME", "SHELL"};

bool belongs_to_user(std::string_view name) {
  return std::find(of_the_user.begin(), of_the_user.end(), name)
         != of_the_user.end();
}

variables parse(const std::vector<std::string>& environment) {
  variables result;
  for (auto& x : environment)
    if (auto equals = x.find('='); equals != std::string::npos && equals > 0)
      result.emplace(x.substr(0, equals), x.substr(equals + 1));
  return result;
}

/// What Saker itself was told by whoever started it, and its children must
/// not believe to be theirs.
bool is_private(std::string_view name) {
  return name.starts_with("SAKER_") || name == "NOTIFY_SOCKET"
         || name == "LISTEN_FDS" || name == "LISTEN_PID"
         || name == "LISTEN_FDNAMES" || name == "WATCHDOG_USEC"
         || name == "WATCHDOG_PID" || name == "INVOCATION_ID"
         || name == "JOURNAL_STREAM";
}

variables inherit(const service& x, const variables& own) {
  variables result;
  auto take = [&](const std::string& name, const std::string& value) {
    if (!belongs_to_user(name) || x.user.empty())
      result[name] = value;
  };
  if (x.inherit_env.all)
    for (auto& [name, value] : own)
      if (!is_private(name))
        take(name, value);
  for (auto& name : x.inherit_env.names)
    if (auto found = own.find(name); found != own.end())
      take(name, found->second);
  return result;
}

bool wants(const inherited& x, std::string_view name) {
  return x.all
         || std::find(x.names.begin(), x.names.end(), name) != x.names.end();
}

/// What sd_listen_fds(3) reads, beside LISTEN_PID.
variables socket_variables(const service& x) {
  if (x.listen.empty())
    return {};
  std::string names;
  for (auto& socket : x.listen)
    names += (names.empty() ? "" : ":")
             + (socket.name.empty() ? x.name : socket.name);
  return {{"LISTEN_FDS", std::to_string(x.listen.size())},
          {"LISTEN_FDNAMES", names}};
}

process::spec build(const service& x, const std::vector<std::string>& argv,
                    const std::vector<std::string>& environment) {
  auto env = inherit(x, parse(environment));
  if (wants(x.inherit_env, "PATH"))
    env.emplace("PATH", std::string{process::default_path});
  for (auto& [name, value] : x.env)
    env[name] = value;
  for (auto& [name, value] : x.file_env)
    env[name] = value;
  process::spec result;
  result.argv = argv;
  for (auto& [name, value] : env)
    result.env.push_back(std::string{name}.append("=").append(value));
  result.user_env
    = std::any_of(of_the_user.begin(), of_the_user.end(),
                  [&](auto name) { return wants(x.inherit_env, name); });
  result.dir = x.dir;
  result.user = x.user;
  result.groups = x.supplementary_groups;
  result.umask = static_cast<mode_t>(x.umask);
  result.limits = x.limits;
  result.nice = x.nice;
  result.oom = x.oom;
  result.cpus = x.cpus;
  result.no_new_privs = x.no_new_privs;
  return result;
}

} // namespace

process::spec to_spec(const service& x, std::uint32_t index,
                      const std::vector<std::string>& environment) {
  auto one = for_instance(x, index);
  for (auto& [name, value] : socket_variables(one))
    one.file_env[name] = value; // nothing wins over it
  auto result = build(one, one.exec, environment);
  result.pidfile = one.pidfile;
  result.input = one.input;
  return result;
}

namespace {

/// A command about the child of `one`.
process::spec about(service one, const std::vector<std::string>& argv, int pid,
                    const std::vector<std::string>& environment) {
  one.env["MAINPID"] = std::to_string(pid);
  return build(one, argv, environment);
}

} // namespace

process::spec to_stop_spec(const service& x, std::uint32_t index, int pid,
                           const std::vector<std::string>& environment) {
  auto one = for_instance(x, index);
  return about(one, one.stop.command, pid, environment);
}

process::spec to_reload_spec(const service& x, std::uint32_t index, int pid,
                             const std::vector<std::string>& environment) {
  auto one = for_instance(x, index);
  return about(one, one.reload.value_or(reload_rule{}).command, pid,
               environment);
}

std::vector<process::spec>
to_hook_specs(const service& x, std::uint32_t index, hook_kind which,
              const std::map<std::string, std::string>& more,
              const std::vector<std::string>& environment) {
  auto one = for_instance(x, index);
  for (auto& [name, value] : more)
    one.file_env[name] = value; // nothing wins over it
  std::vector<process::spec> result;
  for (auto& command : one.hook_of(which).commands)
    result.push_back(build(one, command, environment));
  return result;
}

process::daemon_rule
to_daemon_rule(const service& x, std::uint32_t index,
               const std::vector<std::string>& environment) {
  auto one = for_instance(x, index);
  auto& daemon = *one.daemon;
  process::daemon_rule rule{
    daemon.pidfile, daemon.match.empty() ? one.match : daemon.match, one.user};
  if (daemon.pidfile.empty())
    return rule;
  auto variables = parse(build(one, one.exec, environment).env);
  auto path = variables.find("PATH");
  rule.start = {one.exec, one.dir,
                path == variables.end() ? std::string{process::default_path}
                                        : path->second};
  return rule;
}

} // namespace saker::supervision

#include "supervision/plan.hpp"

#include <algorithm>

namespace saker::supervision {

namespace {

/// The log settings that are of no concern to the child.
log_settings without_pipes(const std::optional<log_settings>& x) {
  auto result = x.value_or(log_settings{});
  result.split = false;
  return result;
}

bool same_pipes(const service& x, const service& y) {
  return x.log.has_value() == y.log.has_value()
         && (!x.log || x.log->split == y.log->split);
}

} // namespace

std::vector<key_change> compare(const service& before, const service& after) {
  constexpr auto live = change_class::live;
  constexpr auto restart = change_class::restart;
  std::vector<key_change> result;
  auto check = [&](const char* key, change_class needs, auto member) {
    if (before.*member != after.*member)
      result.push_back({key, needs});
  };
  check("exec", restart, &service::exec);
  if (before.count != after.count || before.counted != after.counted)
    result.push_back({"count", live});
  check("autostart", live, &service::autostart);
  check("groups", live, &service::groups);
  check("dir", restart, &service::dir);
  check("user", restart, &service::user);
  check("supplementary_groups", restart, &service::supplementary_groups);
  check("umask", restart, &service::umask);
  check("stdin", restart, &service::input);
  check("env", restart, &service::env);
  if (before.file_env != after.file_env)
    result.push_back({"env_file", restart});
  else
    check("env_file", live, &service::env_file);
  check("inherit_env", restart, &service::inherit_env);
  check("limits", restart, &service::limits);
  check("nice", restart, &service::nice);
  check("oom", restart, &service::oom);
  check("cpus", restart, &service::cpus);
  check("no_new_privs", restart, &service::no_new_privs);
  if (before.exit != after.exit || before.once != after.once)
    result.push_back({"exit", live});
  check("budget", live, &service::budget);
  check("spent", live, &service::spent);
  check("backoff", live, &service::backoff);
  check("start_timeout", live, &service::start_timeout);
  check("max_age", live, &service::max_age);
  check("stop", live, &service::stop);
  check("kill", live, &service::kill);
  check("reload", live, &service::reload);
  if (before.when.every != after.when.every)
    result.push_back({"every", live});
  if (before.when.at != after.when.at)
    result.push_back({"cron", live});
  if (before.when.overlap != after.when.overlap)
    result.push_back({"overlap", live});
  check("before", live, &service::before);
  check("after", live, &service::after);
  check("on_failed", live, &service::on_failed);
  check("listen", restart, &service::listen);
  check("pidfile", restart, &service::pidfile);
  check("match", restart, &service::match);
  check("daemon", restart, &service::daemon);
  if (!same_pipes(before, after))
    result.push_back({"log", restart});
  else if (without_pipes(before.log) != without_pipes(after.log))
    result.push_back({"log", live});
  return result;
}

std::string_view to_string(plan::action x) noexcept {
  switch (x) {
    case plan::action::add: return "add";
    case plan::action::live: return "live";
    case plan::action::restart: return "restart";
    case plan::action::remove: return "remove";
  }
  return "add";
}

plan make_plan(const service_set& before, const service_set& after) {
  plan result;
  for (auto& [name, next] : after) {
    auto found = before.find(name);
    if (found == before.end()) {
      result.entries.push_back(
        {name, plan::action::add, {}, 0, next->count, next->where});
      continue;
    }
    auto keys = compare(*found->second, *next);
    if (keys.empty()) {
      ++result.unchanged;
      continue;
    }
    auto what = plan::action::live;
    for (auto& key : keys)
      if (key.needs == change_class::restart)
        what = plan::action::restart;
    result.entries.push_back({name, what, std::move(keys), found->second->count,
                              next->count, next->where});
  }
  for (auto& [name, old] : before)
    if (!after.contains(name))
      result.entries.push_back(
        {name, plan::action::remove, {}, old->count, 0, old->where});
  std::sort(result.entries.begin(), result.entries.end(),
            [](auto& x, auto& y) { return x.name < y.name; });
  return result;
}

impact weigh(const plan& x, const service_set& before,
             const std::function<bool(std::string_view, std::uint32_t)>& runs) {
  impact result;
  for (auto& [name, service] : before)
    for (std::uint32_t i = 0; i < service->count; ++i)
      result.running += runs(name, i) ? 1 : 0;
  for (auto& entry : x.entries) {
    auto first = entry.count_after; // a smaller count ends what is above it
    if (entry.what == plan::action::restart)
      first = 0;
    for (auto i = first; i < entry.count_before; ++i)
      result.ended += runs(entry.name, i) ? 1 : 0;
  }
  return result;
}

std::string to_string(const plan::entry& x) {
  auto result = std::string{to_string(x.what)} + " " + x.name;
  std::string details;
  for (auto& key : x.keys) {
    if (!details.empty())
      details += ", ";
    details += key.key;
    if (key.key == "count" && x.count_before != x.count_after)
      details += " " + std::to_string(x.count_before) + " to "
                 + std::to_string(x.count_after);
  }
  return details.empty() ? result : result + " (" + details + ")";
}

} // namespace saker::supervision

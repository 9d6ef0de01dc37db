// How tasks of a script end, what that brings about, and how its aliases stand.

#include "lua/script_engine.hpp"

#include <algorithm>

namespace saker::lua {

namespace {

// When live data fill so much of the memory, the next task will fail.
constexpr std::size_t exhausted_percent = 80;

constexpr std::size_t longest_last_error = 500;

std::string first_line(std::string_view x) {
  return std::string{x.substr(0, std::min(x.find('\n'), longest_last_error))};
}

} // namespace

// -- ends ----------------------------------------------------------------------

void script::engine::finish(task_map::iterator it, turn how, time_point now,
                            step_result& out) {
  auto id = it->first;
  auto x = std::move(it->second);
  tasks_.erase(it);
  auto run_time = x.coroutine.total;
  // What a file returns is for those who require it; nobody waits for what a
  // timer or the receiver of a message returns.
  auto mute = x.kind == task_kind::load || x.callback != 0;
  auto value = how.what == turn::outcome::done
                 ? mute ? result<resp::value>{resp::value{}}
                        : to_reply(x.coroutine.L, how.results, x.dialect,
                                   options_.reply)
                 : result<resp::value>{std::move(how.why)};
  if (how.what == turn::outcome::done) {
    runner_.release(std::move(x.coroutine));
  } else if (value.error().code == errc::out_of_memory) {
    x.coroutine = thread{};
    state_.collect();
    auto most = options_.engine.memory / 100 * exhausted_percent;
    out.exhausted = state_.used() > most;
  }
  if (x.of) {
    x.of->run_time += run_time;
    account(*x.of, value);
  }
  if (x.kind != task_kind::command && x.kind != task_kind::load)
    report(x, value, now);
  go_on(x, value.has_value() && !value->is_error(), now);
  out.finished.push_back(
    {id, x.kind, std::move(x.alias), std::move(value), run_time});
}

void script::engine::account(entry& of, const result<resp::value>& value) {
  --of.tasks;
  ++of.runs;
  if (!value)
    of.last_error = first_line(value.error().detail);
  else if (value->is_error())
    of.last_error = first_line(value->text());
  else
    return;
  ++of.errors;
}

/// Nobody waits for what runs by itself, so its errors go to the log; a flood
/// of them is folded.
void script::engine::report(const task& x, const result<resp::value>& value,
                            time_point now) {
  auto& fold = x.of->fold;
  auto lines = !value              ? fold.failed(value.error().detail, now)
               : value->is_error() ? fold.failed(value->text(), now)
                                   : fold.succeeded(now);
  for (auto& line : lines)
    env_.log(log_level::error, options_.name + ": "
                                 + std::string{to_string(x.kind)} + " "
                                 + x.alias + ": " + line);
}

/// What the end of a task brings about.
void script::engine::go_on(const task& x, bool succeeded, time_point now) {
  if (x.kind == task_kind::load) {
    --loading_;
    for (auto& [alias, of] : entries_)
      if (loading_ == 0 && std::exchange(of->held, false) && succeeded)
        schedule(*of, now);
    return;
  }
  if (x.callback != 0)
    return callback_ended(x.callback, now);
  auto it = entries_.find(x.alias);
  if (it == entries_.end() || it->second != x.of)
    return; // replaced or removed: the new one has its own timer
  if (x.kind == task_kind::cycle)
    schedule(*x.of, now + x.of->spec.every);
  if (x.kind == task_kind::once && succeeded) {
    x.of->spec.when = property::passivity;
    commands_changed_ = true;
  }
}

bool script::engine::cancel(task_id id) {
  auto it = tasks_.find(id);
  if (it == tasks_.end())
    return false;
  auto x = std::move(it->second);
  tasks_.erase(it);
  if (x.waits_for != 0) {
    waiting_.erase(x.waits_for);
    env_.forget(x.waits_for);
  }
  if (x.of)
    --x.of->tasks;
  go_on(x, false, env_.now());
  return true;
}

// -- how it stands -------------------------------------------------------------

std::vector<command_spec> script::engine::commands() const {
  std::vector<command_spec> out;
  for (auto& [alias, of] : entries_)
    out.push_back(of->spec);
  return out;
}

/// The most active state of an alias' tasks.
std::string_view
script::engine::state_of(const std::shared_ptr<entry>& of) const {
  std::string_view out = "idle";
  if (of->tasks == 0)
    return out;
  for (auto& [id, x] : tasks_) {
    if (x.of != of)
      continue;
    if (x.where == phase::fresh || x.where == phase::ready)
      return "ready";
    if (x.where == phase::waiting)
      out = "waiting";
    else if (out == "idle")
      out = "sleeping";
  }
  return out;
}

task_info script::engine::row_of(const std::shared_ptr<entry>& of,
                                 std::optional<timer_key> due) const {
  return {of->spec.alias,
          of->spec.when,
          std::string{state_of(of)},
          of->tasks,
          of->runs,
          of->errors,
          of->last_error,
          of->run_time,
          due ? std::optional{due->first} : std::nullopt};
}

std::vector<task_info> script::engine::tasks() const {
  std::vector<task_info> out;
  for (auto& [alias, of] : entries_)
    out.push_back(row_of(of, of->timer));
  for (auto& [id, x] : callbacks_)
    out.push_back(row_of(x.of, x.timer));
  return out;
}

} // namespace saker::lua

// The watch over the worker of a script: what is stuck inside a C function is
// given up, with its thread, and said so.

#include "actors/reply_text.hpp"
#include "actors/script.hpp"
#include "base/units.hpp"
#include "messages/error.hpp"

#include <ctime>

namespace saker {

namespace {

/// `13:14:29`, as the log shows it.
std::string time_of_day(lua::wall_time_point x) {
  auto when = std::chrono::system_clock::to_time_t(x);
  std::tm parts{};
  char text[16] = "?";
  if (::localtime_r(&when, &parts))
    std::strftime(text, sizeof(text), "%H:%M:%S", &parts);
  return text;
}

} // namespace

/// How long one slice may take: twice the budget, which ends what can be ended.
std::chrono::nanoseconds script_state::patience() const {
  return 2 * links->options.allowed.time;
}

void script_state::look_again(std::chrono::nanoseconds delay) {
  if (patience().count() == 0)
    return; // without end
  watching_ = true;
  look_due_ = links->now() + delay;
  self->delayed_send(self, delay, atom::watch_v);
}

void script_state::watch() {
  watching_ = false;
  if (!out_)
    return;
  auto at = links->now();
  // A late look proves nothing: all of this process may have been stopped.
  auto late = at - look_due_ > patience() / 4;
  auto twice = std::exchange(looked_late_, late);
  if (late && !twice)
    return look_again(patience() / 2);
  auto since = worker_->busy_since();
  if (!since)
    return wait_for_thread();
  if (auto left = *since + patience() - at; left.count() > 0)
    return look_again(left);
  get_stuck(*since);
}

/// The worker is in the queue of the threads, or between two slices.
void script_state::wait_for_thread() {
  if (auto why = why_nobody_works()) {
    if (loader_ || ender_)
      leaving_ = to_error(*why);
    dismiss_all(*why);
  }
  look_again(patience());
}

void script_state::get_stuck(lua::time_point since) {
  if (!worker_->give_up())
    return; // it is back just now
  auto lasts = links->now() - since;
  stuck_ = stuck_call{worker_->running(), since,
                      links->connections->wall_clock()
                        - std::chrono::ceil<std::chrono::seconds>(lasts)};
  auto unwanted = leaving_ || ender_ || loader_;
  worker_.reset();
  out_ = false;
  orders_.clear();
  auto replaced = links->threads->grow();
  auto why = why_stuck();
  links->log(lua::log_level::error,
             why.detail
               + (replaced ? ""
                           : "; no thread takes its place: too many are "
                             "stuck already"));
  dismiss_all(why);
  forget_all();
  if (unwanted)
    self->quit();
}

void script_state::closed() {
  using std::chrono::milliseconds;
  auto lasted = std::chrono::floor<milliseconds>(links->now() - stuck_->since);
  self->quit(to_error(fail(errc::busy, stuck_->alias
                                         + " was inside a C "
                                           "function for "
                                         + format_duration(lasted))));
}

failure script_state::why_stuck() const {
  auto& x = *stuck_;
  auto lasts = std::chrono::floor<std::chrono::seconds>(links->now() - x.since);
  return fail(errc::busy,
              file + " is stuck: " + x.alias + " is inside a C function since "
                + time_of_day(x.wall_since) + " (" + format_duration(lasts)
                + "), where nothing can interrupt it. It starts anew when that "
                  "returns; LOAD "
                + file + " starts it at once");
}

std::optional<failure> script_state::why_nobody_works() const {
  if (links->threads->able() > 0)
    return std::nullopt;
  return fail(errc::busy,
              file
                + " waits: all script threads are stuck inside C functions "
                  "(TASKS shows in which); restart Saker, SHUTDOWN KEEP "
                  "leaves the services running");
}

std::optional<failure> script_state::why_not_load() const {
  if (links->threads->may_grow())
    return std::nullopt;
  return fail(errc::busy,
              file
                + " is not loaded: too many script threads are stuck inside "
                  "C functions (TASKS shows in which); restart Saker, "
                  "SHUTDOWN KEEP leaves the services running");
}

task_list script_state::stuck_rows() const {
  task_list rows;
  for (auto& x : commands_) {
    lua::task_info row;
    row.alias = x.alias;
    row.when = x.when;
    row.state = "stuck";
    if (stuck_)
      row.last_error = why_stuck().detail;
    rows.push_back(std::move(row));
  }
  return rows;
}

} // namespace saker

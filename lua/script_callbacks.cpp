#include "base/text.hpp"
#include "lua/script_engine.hpp"

namespace saker::lua {

std::shared_ptr<entry>
script::engine::callback_entry(property when, std::string label,
                               reference function) const {
  auto of = std::make_shared<entry>();
  of->spec.alias = std::move(label);
  of->spec.when = when;
  of->function = std::move(function);
  return of;
}

cron::time_point script::engine::wall_seconds() {
  return std::chrono::floor<std::chrono::seconds>(env_.wall_time());
}

// -- beginnings ----------------------------------------------------------------

result<callback_id>
script::engine::add_timer(timer_spec what, std::string label,
                          reference function) {
  if (callbacks_.size() - subscriptions_ >= options_.timers)
    return fail(errc::limit, options_.name + " has "
                               + std::to_string(options_.timers)
                               + " timers, and `timers` in [scripts] allows no "
                                 "more; close some");
  callback x;
  x.of = callback_entry(property::timer, std::move(label), std::move(function));
  x.every = what.every;
  auto it = callbacks_.emplace(++last_callback_, std::move(x)).first;
  if (what.schedule) {
    it->second.clock.emplace(*what.schedule, wall_seconds());
    wait_for_schedule(it, env_.now());
  } else {
    it->second.timer = set_timer(env_.now() + what.wait, it);
  }
  return it->first;
}

result<callback_id>
script::engine::add_subscription(std::string pattern, std::string label,
                                 reference function) {
  if (subscriptions_ >= options_.subscriptions)
    return fail(errc::limit, options_.name + " has "
                               + std::to_string(options_.subscriptions)
                               + " subscriptions, and `subscriptions` in "
                                 "[scripts] allows no more; close some");
  callback x;
  x.of = callback_entry(property::subscription, std::move(label),
                        std::move(function));
  x.subscribed = true;
  ++subscriptions_;
  auto id = ++last_callback_;
  callbacks_.emplace(id, std::move(x));
  env_.subscribe(id, std::move(pattern));
  return id;
}

void script::engine::deliver(callback_id id, std::string channel,
                             std::string text, std::uint64_t missed) {
  callback::message x{std::move(channel), std::move(text), missed};
  auto it = callbacks_.find(id);
  if (it == callbacks_.end()) {
    ++taken_.count;
    taken_.bytes += x.size();
    return;
  }
  it->second.queue.push_back(std::move(x));
  begin_message(it);
}

// -- time ----------------------------------------------------------------------

/// A schedule is looked at once a minute, for clocks may be set.
void script::engine::wait_for_schedule(callback_map::iterator it,
                                       time_point now) {
  auto wall = env_.wall_time();
  auto wait
    = it->second.clock->wait(std::chrono::floor<std::chrono::seconds>(wall));
  // Not a part of a second too early.
  auto begun = wall - std::chrono::floor<std::chrono::seconds>(wall);
  it->second.timer
    = set_timer(now
                  + std::max(std::chrono::nanoseconds{wait} - begun,
                             std::chrono::nanoseconds{1}),
                it);
}

/// Its timer, which is off the list, is due.
void script::engine::fire(callback_map::iterator it, time_point now) {
  it->second.timer.reset();
  if (!it->second.clock || it->second.clock->due(wall_seconds()))
    return begin_callback(it, task_kind::timer);
  wait_for_schedule(it, now);
}

void script::engine::begin_callback(callback_map::iterator it, task_kind kind) {
  it->second.running = true;
  auto& begun = tasks_.at(begin(kind, it->second.of));
  begun.callback = it->first;
}

void script::engine::begin_message(callback_map::iterator it) {
  auto& x = it->second;
  if (x.running || x.queue.empty())
    return;
  auto next = std::move(x.queue.front());
  x.queue.pop_front();
  ++taken_.count;
  taken_.bytes += next.size();
  x.running = true;
  auto& begun = tasks_.at(begin(task_kind::message, x.of));
  begun.callback = it->first;
  begun.missed = next.missed;
  begun.arguments = {std::move(next.channel), std::move(next.text)};
}

// -- ends ----------------------------------------------------------------------

void script::engine::callback_ended(callback_id id, time_point now) {
  auto it = callbacks_.find(id);
  if (it == callbacks_.end())
    return; // closed meanwhile
  auto& x = it->second;
  x.running = false;
  if (x.subscribed)
    return begin_message(it);
  if (x.clock) {
    // What was due while it ran is left out.
    (void)x.clock->due(wall_seconds());
    return wait_for_schedule(it, now);
  }
  if (x.every.count() == 0)
    return forget(it);
  x.timer = set_timer(now + x.every, it);
}

bool script::engine::close(callback_id which) {
  auto it = callbacks_.find(which);
  if (it == callbacks_.end())
    return false;
  if (it->second.subscribed)
    env_.unsubscribe(which);
  forget(it);
  return true;
}

/// A task of it that runs goes on.
void script::engine::forget(callback_map::iterator it) {
  auto& x = it->second;
  if (x.timer)
    timers_.erase(*x.timer);
  for (auto& message : x.queue) {
    ++taken_.count;
    taken_.bytes += message.size();
  }
  if (x.subscribed)
    --subscriptions_;
  callbacks_.erase(it);
}

} // namespace saker::lua

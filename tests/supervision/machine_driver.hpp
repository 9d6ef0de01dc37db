#pragma once

#include "supervision/machine.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace saker::supervision::test {

using namespace std::chrono_literals;

/// A machine with a clock that is moved by hand and a world that remembers
/// what it was asked for. The world does nothing by itself, except that the
/// timer rings when its time has come.
class machine_driver {
public:
  explicit machine_driver(service x = plain()) {
    limit = std::make_unique<restart_limit>();
    make(std::move(x));
  }

  static service plain() {
    service x;
    x.name = "web";
    x.exec = {"/usr/bin/web"};
    return x;
  }

  /// A new machine, as after a death of the node: nothing of the old one is
  /// left.
  void make(service x) {
    auto shared = std::make_shared<const service>(std::move(x));
    uut = std::make_unique<machine>(
      shared, 0, machine::surroundings{&numbers, limit.get(), wall()}, 7);
    armed.reset();
  }

  void tell(const any_event& x) {
    carry_out(uut->on(x, now));
  }

  void wake(memory x = {}) {
    carry_out(uut->wake(x, now));
  }

  /// Moves the clock; the timer rings on the way, at its exact time.
  void advance(duration x) {
    auto goal = now + x;
    while (armed && *armed <= goal) {
      now = std::max(now, *armed);
      armed.reset();
      tell(event::timer{epoch});
    }
    now = goal;
  }

  // -- shorthands --------------------------------------------------------------

  void start(ticket asker = 0, std::optional<duration> wait = {}) {
    tell(event::start{{"alice", 1}, asker, wait});
  }

  void stop(ticket asker = 0, std::optional<duration> wait = {}) {
    tell(event::stop{{"bob", 2}, asker, wait});
  }

  void spawned() {
    tell(event::spawned{uut->spawn_id(), pid++, {}});
  }

  void refused(std::string step, int error, std::string path = "/x") {
    tell(
      event::refused{uut->spawn_id(), std::move(step), error, std::move(path)});
  }

  void ends(cause why) {
    tell(event::exited{uut->spawn_id(), why, {++ids, 0}, {}, 0});
  }

  /// A service that runs, with nothing remembered of how it came to that.
  void bring_up() {
    start();
    spawned();
    advance(1s);
    forget_all();
  }

  void forget_all() {
    spawns.clear();
    signals.clear();
    said.clear();
    told.clear();
    answers.clear();
    acknowledged.clear();
    hooks.clear();
    killed_hooks.clear();
    notes = escalations = forgotten = commands = 0;
    reloads = ended_reloads = 0;
    exit_codes.clear();
  }

  /// The last hook that was asked for is over; without a cause: well.
  void hook_ends(cause why = {}, std::string detail = {}) {
    tell(event::hook_ended{hooks.back().id, why, std::move(detail)});
  }

  state at() const {
    return uut->at();
  }

  status look() const {
    return uut->snapshot(now);
  }

  std::string next() const {
    return next_text(look(), now).value_or("");
  }

  /// The clock on the wall: UTC, and `clock_set` off from the start.
  wall_clock wall() {
    wall_clock x;
    x.shown_at = [this](time_point at) {
      using std::chrono::milliseconds;
      auto since = at.time_since_epoch() + clock_set;
      return std::chrono::sys_time<milliseconds>{
        std::chrono::floor<milliseconds>(since)};
    };
    x.zone = [](auto) { return 0s; };
    return x;
  }

  // -- the world ---------------------------------------------------------------

  time_point now{1'000'000s};
  duration clock_set{};
  spawn_numbers numbers;
  std::unique_ptr<restart_limit> limit;
  std::unique_ptr<machine> uut;
  std::int32_t pid = 100;
  std::uint64_t ids = 1000;

  std::optional<time_point> armed;
  std::uint64_t epoch = 0;

  using sent = std::pair<int, kill_scope>;

  std::vector<std::uint64_t> spawns;
  std::vector<sent> signals;
  std::vector<effect::run_hook> hooks;
  std::vector<std::uint64_t> killed_hooks;
  std::vector<std::string> said; ///< names of what was published
  std::vector<effect::publish> told;
  std::map<ticket, effect::answer> answers;
  std::vector<std::uint64_t> acknowledged;
  std::vector<int> exit_codes;
  note kept;
  int notes = 0;
  int escalations = 0;
  int forgotten = 0;
  int commands = 0;
  int reloads = 0;
  int ended_reloads = 0;
  int answered_twice = 0;
  bool note_came_first = true;

private:
  void carry_out(const effects& todo) {
    for (std::size_t i = 0; i < todo.size(); ++i) {
      if (std::holds_alternative<effect::keep>(todo[i]) && i != 0)
        note_came_first = false;
      std::visit([this](const auto& x) { carry_out(x); }, todo[i]);
    }
  }

  void carry_out(const effect::keep& x) {
    kept = x.what;
    ++notes;
  }

  void carry_out(const effect::spawn& x) {
    spawns.push_back(x.spawn_id);
  }

  void carry_out(const effect::signal& x) {
    signals.emplace_back(x.number, x.scope);
    if (x.asker != 0) // its owner answers
      carry_out(effect::answer{x.asker, outcome::done, "sent"});
  }

  void carry_out(const effect::run_stop_command&) {
    ++commands;
  }

  void carry_out(const effect::run_reload_command&) {
    ++reloads;
  }

  void carry_out(const effect::end_reload_command&) {
    ++ended_reloads;
  }

  void carry_out(const effect::run_hook& x) {
    hooks.push_back(x);
  }

  void carry_out(const effect::end_hook& x) {
    killed_hooks.push_back(x.id);
  }

  void carry_out(const effect::arm& x) {
    armed = x.at;
    epoch = x.epoch;
  }

  void carry_out(const effect::publish& x) {
    said.emplace_back(x.name);
    told.push_back(x);
  }

  void carry_out(const effect::acknowledge& x) {
    acknowledged.push_back(x.spawn_id);
  }

  void carry_out(const effect::answer& x) {
    if (!answers.emplace(x.asker, x).second)
      ++answered_twice;
  }

  void carry_out(const effect::escalate&) {
    ++escalations;
  }

  void carry_out(const effect::shut_down& x) {
    exit_codes.push_back(x.code);
  }

  void carry_out(const effect::forget&) {
    ++forgotten;
  }
};

using strings = std::vector<std::string>;

class machine_fixture : public testing::Test, protected machine_driver {
protected:
  /// Starts over with another definition.
  void with(std::function<void(service&)> change) {
    auto x = plain();
    change(x);
    make(std::move(x));
  }

  std::string text(ticket x) const {
    auto found = answers.find(x);
    return found == answers.end() ? "no answer" : found->second.text;
  }

  outcome code(ticket x) const {
    return answers.at(x).code;
  }

  const effect::publish& event_named(std::string_view name) const {
    for (auto& x : told)
      if (x.name == name)
        return x;
    static const effect::publish none{};
    return none;
  }
};

} // namespace saker::supervision::test

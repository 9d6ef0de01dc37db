#include "base/units.hpp"
#include "process/exit_status.hpp"
#include "process/ladder.hpp"
#include "supervision/machine.hpp"

#include <algorithm>
#include <csignal>

namespace saker::supervision {

namespace {

duration scaled(duration x, double share) {
  return duration{
    static_cast<duration::rep>(static_cast<double>(x.count()) * share)};
}

} // namespace

void machine::perform(reaction x) {
  switch (x) {
    case reaction::ignore:
    case reaction::join: return;
    case reaction::launch: return launch();
    case reaction::rise_again: note_.again = true; return;
    case reaction::stay_down:
      note_.again = false;
      note_.pending = {};
      return;
    case reaction::lie_down:
      note_.reason = wish_text();
      return enter(state::stopped);
    case reaction::end: return end(false);
    case reaction::end_again: return end(true);
    case reaction::end_leave: note_.leaving = true; return end(false);
    case reaction::leave_after:
      note_.leaving = true;
      note_.again = false;
      return;
    case reaction::leave: return leave();
    case reaction::pass_signal: return pass_signal();
    case reaction::no_child:
      return refuse("no process: it is " + std::string{to_string(note_.at)});
    case reaction::is_ending: return refuse("it is being stopped");
    case reaction::forgive: return forgive();
    case reaction::lapse: return lapse();
    case reaction::start_over: return retry(); // the wait was for failures
    case reaction::hold: return hold();
    case reaction::go_on: return go_on();
    case reaction::renew: return renew();
    case reaction::let_be: return let_be();
    case reaction::take_on: return take_on();
    case reaction::take_on_retry:
      take_on();
      if (scheduled_ || has_child(note_.at))
        return; // its time will come, or has
      return retry();
    case reaction::take_on_again: take_on(); return end(true);
    case reaction::compress: return compress();
    case reaction::come_up:
      note_child();
      if (arrival_.found)
        enter(state::adopted);
      return become_ready();
    case reaction::come_late: return note_child();
    case reaction::judge: return judge();
    case reaction::settle: return settle();
    case reaction::become_ready: return become_ready();
    case reaction::weaken:
      note_.ready = false;
      return enter(state::sick, note_.deadline);
    case reaction::give_up_on: return give_up_on();
    case reaction::overdue: return overdue();
    case reaction::next_rung: return next_rung();
    case reaction::take_turn: return take_turn();
    case reaction::go: return go();
    case reaction::retire: return retire();
    case reaction::proceed: return ask_for_child();
    case reaction::conclude: return cleared();
  }
}

// -- towards a child -----------------------------------------------------------

void machine::launch() {
  clear_failures();
  spawn_child(false);
}

void machine::retry() {
  clear_failures();
  if (wanted())
    spawn_child(false);
  else
    enter(state::stopped);
}

/// Automatic restarts of all instances together are limited.
void machine::take_turn() {
  if (note_.at == state::resting) {
    note_.half_open = true;
    budget_.clear();
  }
  auto turn = world_.restarts ? world_.restarts->reserve(now_) : now_;
  if (turn <= now_)
    return spawn_child(true);
  note_.reason = "the limit of restarts over all services is reached";
  enter(state::waiting, turn);
}

void machine::spawn_child(bool automatic) {
  if (automatic) {
    ++note_.restarts;
    note_.recent.add(now_);
  }
  note_.spawn_id = world_.numbers->next();
  note_.pid = 0;
  note_.started.reset();
  note_.ready = note_.again = false;
  note_.pending = {};
  note_.reason.clear();
  enter(state::starting);
  if (!run(hook_kind::before))
    ask_for_child();
}

void machine::ask_for_child() {
  note_.reason.clear();
  note_.deadline = now_ + definition_->start_timeout + head_start;
  todo_.push_back(effect::spawn{note_.spawn_id});
}

void machine::note_child() {
  note_.pid = arrival_.pid;
  note_.started = arrival_.started ? std::min(*arrival_.started, now_) : now_;
}

void machine::become_ready() {
  if (!note_.started)
    return; // before exec nobody can be ready
  note_.ready = true;
  auto from = note_.at;
  enter(state::running, from == state::sick ? note_.deadline : turnover());
  announce("ready", from, state::running);
}

// -- towards an end ------------------------------------------------------------

void machine::end(bool again) {
  note_.again = again;
  note_.pending = {};
  note_.ready = false;
  note_.rung = 0;
  haste_ = 1;
  ladder_ = definition_->stop;
  note_.reason = !wanted() ? wish_text() : again ? order_ : "";
  enter(state::stopping);
  if (preparing())
    return kill_hook();
  climb();
  resume();
}

/// Too old, or its next time has come. Nobody is to blame, so this is no end
/// that the budget counts.
void machine::retire() {
  note_.deadline.reset();
  if (!wanted())
    return; // dropped
  auto& age = definition_->max_age.after;
  auto old = age > duration::zero() && note_.started
             && now_ - *note_.started >= age;
  if (planned_ && planned_->at <= now_)
    kept_time_ = planned_->shown;
  order_ = old ? "it ran longer than max_age, " + format_duration(age)
               : "it still ran when its next time came";
  end(true);
}

void machine::give_up_on() {
  why_ = blame_;
  end(false);
  note_.pending = blame_;
  note_.reason = told(blame_);
}

/// The set-up of the child hangs: there is nobody yet who could be asked.
void machine::overdue() {
  if (preparing())
    return give_up_before();
  why_ = blame_ = {cause::kind::timeout, 0, false};
  note_.pending = blame_;
  note_.reason = late_.empty() ? told(blame_) : late_;
  note_.rung = static_cast<std::uint32_t>(ladder_.steps.size()) + 1;
  enter(state::stopping, now_ + grace);
  send(SIGKILL, kill_scope::tree);
}

void machine::next_rung() {
  if (clearing()) {
    todo_.push_back(effect::end_hook{std::exchange(hook_, {})->id});
    return cleared();
  }
  if (note_.rung <= ladder_.steps.size())
    return climb();
  note_.reason = "it survived the end of its stop ladder";
  enter(state::stuck);
}

/// Does what stands on the ladder up to the next wait. Behind the last rung
/// there is a grace, then it is stuck.
void machine::climb() {
  using kind = ladder::step::kind;
  while (note_.rung < ladder_.steps.size()) {
    auto& step = ladder_.steps[note_.rung++];
    if (step.what == kind::wait) {
      note_.deadline = now_ + scaled(step.wait, haste_);
      return;
    }
    if (step.what == kind::command)
      todo_.push_back(effect::run_stop_command{});
    else
      send(step.signal, definition_->kill);
  }
  note_.rung = static_cast<std::uint32_t>(ladder_.steps.size()) + 1;
  note_.deadline = now_ + grace;
}

void machine::send(int number, kill_scope scope) {
  todo_.push_back(effect::signal{number, scope});
  if (process::wants_continue(number))
    todo_.push_back(effect::signal{SIGCONT, scope});
}

void machine::pass_signal() {
  if (hook_)
    return answer(signal_.asker, outcome::refused,
                  "no process: its " + std::string{to_string(hook_->which)}
                    + " runs");
  todo_.push_back(effect::signal{signal_.number, signal_.scope, signal_.asker});
}

void machine::compress() {
  if (!note_.deadline)
    return;
  auto rest = std::max(duration{*note_.deadline - now_}, duration::zero());
  auto all = rest;
  for (auto i = note_.rung; i < ladder_.steps.size(); ++i)
    all += scaled(ladder_.steps[i].wait, haste_);
  if (all <= left_)
    return;
  auto share = static_cast<double>(std::max(left_, duration::zero()).count())
               / static_cast<double>(all.count());
  haste_ *= share;
  note_.deadline = now_ + scaled(rest, share);
}

std::string machine::next_rung_text() const {
  using kind = ladder::step::kind;
  for (auto i = note_.rung; i < ladder_.steps.size(); ++i)
    if (ladder_.steps[i].what == kind::signal)
      return process::signal_name(ladder_.steps[i].signal);
  return "stuck";
}

// -- definitions ---------------------------------------------------------------

void machine::take_on() {
  auto aged = offered_->max_age != definition_->max_age;
  auto rescheduled = offered_->when != definition_->when;
  definition_ = std::move(offered_);
  who_ = instance_of(*definition_, who_.index);
  budget_.limit(definition_->budget);
  backoff_.rule(definition_->backoff);
  if ((aged || rescheduled)
      && (note_.at == state::running || note_.at == state::sick))
    note_.deadline = turnover();
  if (rescheduled)
    reschedule();
}

void machine::leave() {
  if (note_.at != state::stopped)
    enter(state::stopped);
  gone_ = true;
}

} // namespace saker::supervision

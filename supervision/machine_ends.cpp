#include "base/units.hpp"
#include "supervision/machine.hpp"

#include <algorithm>

namespace saker::supervision {

/// The end of a child that nobody asked to end.
void machine::judge() {
  auto why = end_.why;
  bury(why);
  if (!clear_up(why))
    decide(why);
}

/// The end of a child on its ladder.
void machine::settle() {
  auto pending = note_.pending;
  // What was found out when the time was over.
  if (pending.what == cause::kind::timeout && !note_.again) {
    if (end_.why != pending || end_.detail.empty())
      end_.detail = note_.reason;
    end_.why = pending;
  }
  bury(pending && !note_.again ? pending : end_.why);
  if (!clear_up(pending))
    conclude();
}

/// What comes after the end, and after the commands for that.
void machine::conclude() {
  hook_.reset();
  auto pending = std::exchange(note_.pending, {});
  if (note_.leaving)
    return leave();
  if (note_.again && wanted()) {
    tell_ended();
    return launch();
  }
  note_.again = false;
  if (pending && wanted())
    return decide(pending);
  note_.reason = wish_text();
  enter(state::stopped);
}

/// Tells that the child ended, and forgets the child.
void machine::bury(const cause& why) {
  remember_end(why);
  why_ = why;
  row_ = definition_->exit.judge(why).row;
  auto order = asked_for() ? note_.reason : std::string{};
  note_.reason = told(why);
  if (!order.empty())
    note_.reason += "; " + order;
  if (why.what == cause::kind::lost)
    enter(state::lost);
  else if (end_.ran)
    announce("exit", note_.at, note_.at);
  if (why.what == cause::kind::oom)
    announce("oom", note_.at, note_.at);
  note_.last = why;
  note_.last_at = now_;
  note_.pid = 0;
  began_ = note_.started ? note_.started : now_;
  note_.started.reset();
  note_.ready = note_.paused = reloading_ = false;
  if (note_.ended_spawn == note_.spawn_id)
    todo_.push_back(effect::acknowledge{note_.spawn_id});
  note_.ended_spawn = note_.spawn_id;
  note_.ended_event = end_.id;
}

/// Somebody wanted that end: the exit table has no say.
bool machine::asked_for() const {
  return note_.at == state::stopping && (!note_.pending || note_.again);
}

/// For those who ask why; before the child is forgotten.
void machine::remember_end(const cause& why) {
  auto verdict = definition_->exit.judge(why);
  past_end x;
  x.why = why;
  x.text = kept_text(told(why));
  x.row = verdict.row;
  x.then = verdict.then;
  x.asked = asked_for();
  if (x.asked)
    x.order = kept_text(note_.reason);
  else if (wanted() && is_over(why))
    x.instead = "it is over until its next time";
  else if (daemonised(why) && verdict.then.what == decision::action::restart)
    x.instead = "it is not started again";
  x.at = now_;
  x.uptime = end_.uptime;
  x.pid = note_.pid;
  x.orphans = end_.orphans;
  x.id = end_.id;
  ends_.push_back(std::move(x));
  if (ends_.size() > ends_kept)
    ends_.erase(ends_.begin());
}

/// What the exit table says.
void machine::decide(const cause& why) {
  using action = decision::action;
  if (!wanted())
    return enter(state::stopped);
  if (is_over(why))
    return await_time();
  auto verdict = definition_->exit.judge(why);
  auto text = told(why);
  // It never ran, and that says nothing about it.
  if (why.what == cause::kind::resources && !definition_->once)
    return restart_after(verdict, why);
  switch (verdict.then.what) {
    case action::restart:
      if (!daemonised(why))
        return restart_after(verdict, why);
      // Started again it would do the same again, or run twice.
      enter(state::failed);
      break;
    case action::done: enter(state::done); break;
    case action::fatal: enter(state::failed); break;
    case action::escalate:
      enter(state::failed);
      todo_.push_back(effect::escalate{});
      break;
    case action::shutdown: shut_down(why); break;
  }
  if (note_.at == state::failed)
    fail_starts(text);
}

void machine::restart_after(const judgement& verdict, const cause& why) {
  auto text = told(why);
  auto uptime = end_.uptime.value_or(duration::zero());
  backoff_.lived(uptime);
  if (why.what == cause::kind::resources) {
    // Not the fault of the service: no budget is charged for it.
    enter(state::backoff,
          now_ + std::max<duration>(backoff_.next(random()), famine));
    return fail_impatient_starts(text);
  }
  auto on_trial = note_.half_open && uptime < budget_.limit().window;
  if (!on_trial)
    note_.half_open = false;
  if (!budget_.charge(now_) || on_trial)
    return spend(why);
  auto delay = verdict.then.after.value_or(duration::zero());
  if (!verdict.then.after)
    delay = backoff_.next(random());
  if (delay > duration::zero())
    enter(state::backoff, now_ + delay);
  else
    take_turn();
  fail_impatient_starts(text);
}

void machine::spend(const cause& why) {
  using action = spent_rule::action;
  auto& rule = definition_->spent;
  note_.reason = (note_.half_open
                    ? "ended again soon after a rest"
                    : "more than " + std::to_string(budget_.limit().count)
                        + " unexpected ends in "
                        + format_duration(budget_.limit().window))
                 + "; last: " + told(why);
  auto text = note_.reason;
  if (rule.what == action::rest) {
    enter(state::resting, now_ + rule.rest);
    return fail_impatient_starts(text);
  }
  enter(state::failed);
  if (rule.what == action::escalate)
    todo_.push_back(effect::escalate{});
  fail_starts(text);
}

void machine::shut_down(const cause& why) {
  using kind = cause::kind;
  auto clean = why.what == kind::exited && why.number == 0;
  enter(clean ? state::done : state::failed);
  auto code = 1;
  if (why.what == kind::exited)
    code = why.number;
  else if (why.what == kind::signaled)
    code = 128 + why.number;
  todo_.push_back(effect::shut_down{code});
}

/// It was to stay, and went into the background.
bool machine::daemonised(const cause& why) const {
  return !definition_->daemon && why == cause::exited(0) && end_.uptime
         && *end_.uptime < background && end_.orphans + end_.spared > 0;
}

/// `exit 1 after 20ms`, or which step of the start failed.
std::string machine::told(const cause& why) const {
  if (!end_.detail.empty() && why == end_.why)
    return end_.detail;
  if (why.what == cause::kind::timeout)
    return "exec did not answer within the start timeout";
  auto text = to_string(why);
  if (why.core)
    text += " (core dumped)";
  if (end_.uptime)
    text += " after "
            + format_duration(
              *end_.uptime < std::chrono::seconds{1}
                ? duration{std::chrono::floor<std::chrono::milliseconds>(
                  *end_.uptime)}
                : duration{
                  std::chrono::floor<std::chrono::seconds>(*end_.uptime)});
  if (daemonised(why))
    text += ": daemonised: it left "
            + std::to_string(end_.orphans + end_.spared)
            + (end_.spared > 0 ? " running" : " behind, which were ended")
            + "; declare daemon = {pidfile = \"…\"} or {match = \"…\"}, or use "
              "its foreground option";
  return text;
}

} // namespace saker::supervision

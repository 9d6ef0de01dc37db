#include "process/spawn_step.hpp"
#include "supervision/machine.hpp"

#include <algorithm>
#include <cerrno>

namespace saker::supervision {

namespace {

cause cause_of(const event::refused& x, bool stopping) {
  using kind = cause::kind;
  if (x.error == ETIMEDOUT)
    return {kind::timeout, 0, false};
  // Without an errno it was killed in that step.
  if (x.step == "cancelled" || (stopping && x.error == 0))
    return {kind::cancelled, 0, false};
  auto step = process::parse_spawn_step(x.step);
  auto famine = step && process::is_shortage({*step, x.error, x.path});
  return {famine ? kind::resources : kind::exec, x.error, false};
}

} // namespace

// -- what somebody wants -------------------------------------------------------

void machine::take(const event::start& x) {
  if (closing_)
    return answer(x.asker, outcome::refused, "Saker is shutting down");
  if (note_.leaving)
    return answer(x.asker, outcome::refused, "it is being removed");
  look_after(x.who, true);
  if (x.wait)
    expect(x.asker, waiter::goal::up, *x.wait);
  else
    expect(x.asker, waiter::goal::lived, patience);
  happens(stimulus::start);
}

void machine::take(const event::stop& x) {
  look_after(x.who, false);
  fail_starts(x.who.by.empty() ? "stopped meanwhile"
                               : "stopped meanwhile by " + x.who.by);
  happens(stimulus::stop);
  if (x.wait)
    expect(x.asker, waiter::goal::down, *x.wait);
  else
    answer(x.asker, outcome::done, present_text());
}

void machine::take(const event::restart& x) {
  if (x.only_if_up && note_.dropped)
    return answer(x.asker, outcome::refused,
                  "it was dropped: a start or a restart looks after it again");
  if (x.only_if_up && !(wanted() && has_child(note_.at)))
    return answer(x.asker, outcome::done, "not running: nothing done");
  if (closing_)
    return answer(x.asker, outcome::refused, "Saker is shutting down");
  if (note_.leaving)
    return answer(x.asker, outcome::refused, "it is being removed");
  if (!x.only_if_up)
    look_after(x.who, true);
  order_ = x.who.by.empty() ? "" : "restarted by " + x.who.by;
  happens(stimulus::restart);
  if (x.wait)
    expect(x.asker, x.strict ? waiter::goal::steady : waiter::goal::up,
           *x.wait);
  else
    expect(x.asker, waiter::goal::lived, patience);
}

void machine::take(const event::signal& x) {
  signal_ = x;
  asker_ = x.asker;
  happens(stimulus::signal);
}

void machine::take(const event::reset& x) {
  who_asks_ = x.who;
  happens(stimulus::reset);
  answer(x.asker, outcome::done, present_text());
}

void machine::take(const event::wait& x) {
  expect(x.asker, waiter::goal::in, x.patience, x.states);
}

void machine::take(const event::change& x) {
  offered_ = x.definition;
  order_ = x.why;
  // What was left alone gets its new definition when it is started again.
  happens(x.restart && !note_.dropped ? stimulus::replace : stimulus::change);
}

void machine::take(const event::remove& x) {
  look_after(x.who, false);
  fail_starts("removed meanwhile");
  happens(stimulus::remove);
}

void machine::take(const event::shutdown&) {
  closing_ = true;
  note_.idle = false;
  fail_starts("Saker is shutting down");
  happens(stimulus::shutdown);
}

void machine::take(const event::hurry& x) {
  left_ = x.left;
  happens(stimulus::hurry);
}

// -- what happens to the child -------------------------------------------------

void machine::take(const event::spawned& x) {
  if (x.spawn_id != note_.spawn_id || x.spawn_id == note_.ended_spawn)
    return;
  arrival_ = x;
  happens(stimulus::spawned);
}

void machine::take(const event::moved& x) {
  if (x.spawn_id != note_.spawn_id || !has_child(note_.at))
    return;
  note_.pid = x.pid;
  note_.started = x.started ? std::min(*x.started, now_) : now_;
  announce("adopted", note_.at, note_.at);
}

void machine::take(const event::absent& x) {
  if (x.spawn_id != note_.spawn_id || note_.at != state::starting)
    return;
  late_ = x.why;
  happens(stimulus::timer); // the time of this state is over
}

void machine::take(const event::refused& x) {
  if (x.spawn_id == note_.spawn_id && x.spawn_id != note_.ended_spawn) {
    auto text = process::failure_text(x.step, x.error, x.path, x.hint);
    auto stopping = note_.at == state::stopping || note_.at == state::stuck;
    end_ = {cause_of(x, stopping), std::move(text), {}, {}, 0, false};
    note_.ended_spawn = x.spawn_id;
    happens(stimulus::refused);
  } else {
    todo_.push_back(effect::acknowledge{x.spawn_id});
  }
}

void machine::take(const event::exited& x) {
  auto ended = std::min(x.ended.value_or(now_), now_);
  end_ = {x.why, {}, x.id, {}, x.orphans, true, x.spared};
  if (x.spawn_id == note_.spawn_id && x.spawn_id != note_.ended_spawn) {
    if (note_.started)
      end_.uptime = std::max(duration{ended - *note_.started}, duration{});
    note_.ended_spawn = x.spawn_id;
    happens(stimulus::exited);
    return;
  }
  // Told twice: the node died after the note and before the keeper knew that
  // it had been written. Same end, same number.
  if (x.spawn_id == note_.ended_spawn && note_.ended_event) {
    end_.id = note_.ended_event;
    why_ = note_.last;
    announce("exit", note_.at, note_.at);
  }
  todo_.push_back(effect::acknowledge{x.spawn_id});
}

void machine::take(const event::ready&) {
  if (watched())
    happens(stimulus::ready);
}

void machine::take(const event::unready&) {
  blame_ = {cause::kind::unready, 0, false};
  if (watched())
    happens(stimulus::unready);
}

void machine::take(const event::weak&) {
  if (watched())
    happens(stimulus::weak);
}

void machine::take(const event::unhealthy&) {
  blame_ = {cause::kind::unhealthy, 0, false};
  if (watched())
    happens(stimulus::unhealthy);
}

void machine::take(const event::timer& x) {
  if (x.epoch != epoch_)
    return;
  armed_.reset();
  look_at_clock();
  if (note_.deadline && *note_.deadline <= now_)
    happens(stimulus::timer);
}

} // namespace saker::supervision

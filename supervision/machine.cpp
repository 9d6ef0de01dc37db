#include "supervision/machine.hpp"

#include "process/spawn_step.hpp"

#include <algorithm>
#include <cerrno>

namespace saker::supervision {

namespace {

ticket asker_of(const any_event& x) {
  auto ask = [](const auto& y) -> ticket {
    if constexpr (requires { y.asker; })
      return y.asker;
    else
      return 0;
  };
  return std::visit(ask, x);
}

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

machine::machine(std::shared_ptr<const service> definition, std::uint32_t index,
                 surroundings world, std::uint64_t seed)
  : definition_(std::move(definition)), who_(instance_of(*definition_, index)),
    world_(world), random_(seed), budget_(definition_->budget),
    backoff_(definition_->backoff), ladder_(definition_->stop) {
  // nop
}

// -- what can be told ----------------------------------------------------------

effects machine::on(const any_event& x, time_point now) {
  begin(now);
  if (gone_)
    answer(asker_of(x), outcome::refused, "it is no longer defined");
  else
    std::visit([this](const auto& y) { take(y); }, x);
  return finish();
}

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

// -- the frame of every call ---------------------------------------------------

void machine::begin(time_point now) {
  now_ = now;
  todo_.clear();
  why_ = {};
  row_.clear();
  end_ = {};
  order_.clear();
  late_.clear();
}

effects machine::finish() {
  // What is paused or dropped does not end by a clock.
  if (!watched() && (note_.at == state::running || note_.at == state::sick))
    note_.deadline.reset();
  settle_waiters();
  complete_announcements();
  rearm();
  if (gone_) {
    // Last: the owner ends with it.
    if (!std::exchange(forgotten_, true))
      todo_.push_back(effect::forget{});
    return std::move(todo_);
  }
  auto note = remembered(now_);
  if (!kept_ || *kept_ != note) {
    todo_.insert(todo_.begin(), effect::keep{note});
    kept_ = std::move(note);
  }
  return std::move(todo_);
}

/// Where an end led to, and until when, is known only afterwards.
void machine::complete_announcements() {
  for (auto& x : todo_) {
    auto shown = std::get_if<effect::publish>(&x);
    if (!shown)
      continue;
    if (shown->name == "exit" || shown->name == "oom")
      shown->to = note_.at;
    // Where it is up again already, the limit of that start is no news.
    auto up_again = shown->name != to_string(note_.at)
                    && note_.at == state::starting;
    if (shown->to == note_.at && !up_again && note_.deadline) {
      shown->next_at = note_.deadline;
      shown->next = next_step();
    }
    if (shown->reason.empty())
      shown->reason = note_.reason;
  }
}

void machine::rearm() {
  std::optional<time_point> next;
  auto earliest = [&](std::optional<time_point> x) {
    if (x && (!next || *x < *next))
      next = x;
  };
  if (!gone_)
    earliest(note_.deadline);
  if (scheduled_ && definition_->when.at)
    earliest(now_ + glance);
  for (auto& x : waiters_) {
    earliest(x.until);
    auto probing = is_start(x.what);
    if (probing && note_.started && is_up(note_.at)
        && *note_.started + probation > now_)
      earliest(*note_.started + probation);
  }
  if (next == armed_)
    return;
  armed_ = next;
  todo_.push_back(effect::arm{next, ++epoch_});
}

// -- helpers -------------------------------------------------------------------

void machine::happens(stimulus x) {
  perform(react(note_.at, x));
}

void machine::enter(state next, std::optional<time_point> deadline) {
  auto from = note_.at;
  note_.at = next;
  note_.since = now_;
  note_.deadline = deadline;
  scheduled_ = false;
  announce(to_string(next), from, next);
  if (next == state::failed)
    run(hook_kind::on_failed);
}

void machine::announce(std::string_view name, state from, state to) {
  effect::publish x;
  x.name = name;
  x.from = from;
  x.to = to;
  x.why = why_;
  x.pid = note_.pid;
  x.restarts = note_.restarts;
  x.row = row_;
  x.reason = note_.reason;
  if (name == "exit" || name == "oom" || name == "lost") {
    x.uptime = end_.uptime;
    x.orphans = end_.orphans;
  }
  if ((name == "exit" || name == "lost") && end_.id)
    x.id = end_.id;
  todo_.push_back(std::move(x));
}

void machine::clear_failures() {
  budget_.clear();
  backoff_.clear();
  note_.half_open = false;
  note_.reason.clear();
}

/// When the present child is too old; nothing: never.
std::optional<time_point> machine::retirement() {
  auto& age = definition_->max_age;
  if (age.after == duration::zero() || !note_.started)
    return std::nullopt;
  auto later = static_cast<double>(age.after.count()) * age.jitter * random();
  return *note_.started + age.after
         + duration{static_cast<duration::rep>(later)};
}

/// From [0, 1): splitmix64.
double machine::random() {
  auto x = random_ += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  x ^= x >> 31;
  return static_cast<double>(x >> 11) * 0x1p-53;
}

note machine::remembered(time_point now) const {
  auto result = note_;
  result.marks = budget_.marks(note::max_marks, now);
  result.backoff_step = backoff_.step();
  return result;
}

status machine::snapshot(time_point now) const {
  status x;
  x.who = who_;
  x.at = note_.at;
  x.ready = note_.ready && !note_.paused;
  x.wanted_up = note_.wanted_up;
  x.dropped = note_.dropped;
  x.paused = note_.paused;
  x.wanted_by = wanted_by_;
  x.pid = note_.pid;
  x.since = note_.since;
  x.started = note_.started;
  x.restarts = note_.restarts;
  x.recent = note_.recent;
  x.in_budget = budget_.used(now);
  x.budget = budget_.limit().unlimited() ? 0 : budget_.limit().count;
  x.last = note_.last;
  x.last_at = note_.last_at;
  if (note_.last)
    x.row = definition_->exit.judge(note_.last).row;
  x.next_at = note_.deadline;
  x.next = next_step();
  x.reason = note_.reason;
  x.where = to_string(definition_->where);
  return x;
}

explanation machine::explain(time_point now) const {
  explanation x;
  x.now = snapshot(now);
  x.definition = definition_;
  x.ends = ends_;
  // Of those before the death of a node only the last one is known.
  if (ends_.empty() && note_.last) {
    auto verdict = definition_->exit.judge(note_.last);
    past_end last;
    last.why = note_.last;
    last.text = to_string(note_.last);
    last.row = verdict.row;
    last.then = verdict.then;
    if (scheduled_ && is_over(note_.last))
      last.instead = "it is over until its next time";
    last.at = note_.last_at.value_or(now);
    last.id = note_.ended_event;
    x.ends.push_back(std::move(last));
  }
  x.backoff_step = backoff_.step();
  x.on_trial = note_.half_open;
  x.again = note_.again;
  x.leaving = note_.leaving;
  return x;
}

/// Why no child is wanted.
std::string machine::wish_text() const {
  if (closing_)
    return "Saker is shutting down";
  if (note_.leaving)
    return "no longer defined";
  return wanted_by_.by.empty() ? "" : "stopped by " + wanted_by_.by;
}

std::string machine::next_step() const {
  switch (note_.at) {
    case state::waiting: return scheduled_ ? "run" : "start";
    case state::starting:
      return preparing() ? "limit of before" : "start timeout";
    case state::running:
    case state::sick: return note_.deadline ? "restart" : "";
    case state::backoff: return "restart";
    case state::resting: return "one more try";
    case state::stopping:
      return clearing() ? "limit of after" : next_rung_text();
    default: return {};
  }
}

} // namespace saker::supervision

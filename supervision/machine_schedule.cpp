#include "supervision/machine.hpp"

#include <algorithm>

namespace saker::supervision {

/// Is that the regular end of a run of a scheduled service?
bool machine::is_over(const cause& why) const {
  if (!definition_->when)
    return false;
  auto verdict = definition_->exit.judge(why);
  return verdict.then.what == decision::action::done
         || (why == cause::exited(0) && verdict.row == "*");
}

/// Rests until the next time; one that was missed comes at once if it is
/// queued.
void machine::await_time() {
  auto& when = definition_->when;
  auto began = began_.value_or(now_);
  if (when.overlap == schedule::overlap_rule::queue && began_
      && missed_one(when, began, now_, world_.clock))
    return spawn_child(false);
  planned_ = next_run(when, began, now_, kept_time_, world_.clock);
  enter(state::waiting, planned_->at);
  scheduled_ = true;
}

/// The first start: `cron` waits for its time, everything else begins at once.
void machine::rise() {
  if (!definition_->when.at)
    return launch();
  note_.reason.clear(); // why it was down is over
  await_time();
}

/// Its time has come, or its turn.
void machine::go() {
  if (!scheduled_)
    return spawn_child(true);
  kept_time_ = planned_ ? planned_->shown : std::nullopt;
  spawn_child(false);
}

/// The clock on the wall may have been set since the next time was found. Set
/// forward over that time: it has come. Set back: the times count that come
/// again.
void machine::look_at_clock() {
  auto& when = definition_->when;
  if (!scheduled_ || !when.at)
    return;
  auto past = planned_ && planned_->shown
                ? world_.clock.shown_at(now_) >= *planned_->shown
                : note_.deadline && *note_.deadline <= now_;
  if (!past)
    planned_ = next_run(when, began_.value_or(now_), now_, kept_time_,
                        world_.clock);
  note_.deadline = past ? std::min(now_, note_.deadline.value_or(now_))
                        : planned_->at;
}

/// There is another schedule, one for the first time, or none any more.
void machine::reschedule() {
  auto finished = note_.at == state::done && wanted();
  if (!scheduled_ && !finished)
    return;
  if (!definition_->when)
    return scheduled_ ? spawn_child(false) : void();
  if (finished)
    return await_time();
  planned_ = next_run(definition_->when, began_.value_or(now_), now_,
                      kept_time_, world_.clock);
  note_.deadline = planned_->at;
}

/// When the present child has to make room: it is too old, or its next time
/// has come.
std::optional<time_point> machine::turnover() {
  auto result = retirement();
  auto& when = definition_->when;
  if (!when || when.overlap != schedule::overlap_rule::kill || !note_.started)
    return result;
  planned_ = next_run(when, *note_.started, now_, kept_time_, world_.clock);
  return result ? std::min(*result, planned_->at) : planned_->at;
}

} // namespace saker::supervision

#include "supervision/machine.hpp"

#include <algorithm>

namespace saker::supervision {

/// The first call: what is remembered meets what there is.
effects machine::wake(const memory& x, time_point now) {
  begin(now);
  auto wanted_before = x.kept ? x.kept->wanted_up : x.wanted_up;
  note_.since = now;
  if (x.kept)
    recall(*x.kept);
  note_.wanted_up = x.wanted_up;
  note_.dropped = x.dropped && !x.wanted_up;
  note_.idle = note_.idle && x.wanted_up;
  wanted_by_ = x.wanted_by;
  world_.numbers->at_least(std::max(note_.spawn_id, x.spawn_id));
  if (x.present == memory::child::none
      || (x.spawn_id != 0 && x.spawn_id == note_.ended_spawn))
    wake_without_child();
  else
    wake_with_child(x);
  if (!gone_)
    reconcile(wanted_before);
  return finish();
}

void machine::recall(const note& x) {
  note_ = x;
  kept_ = x;
  budget_.restore(x.marks);
  backoff_.step(x.backoff_step);
  note_.marks.clear();
  note_.backoff_step = 0;
}

void machine::wake_with_child(const memory& x) {
  using child = memory::child;
  auto known = has_child(note_.at) && note_.spawn_id == x.spawn_id;
  if (!known) {
    note_.spawn_id = x.spawn_id;
    note_.started = x.started;
    note_.pid = 0;
    note_.again = note_.leaving = false;
    note_.at = state::starting; // there every kind of end is judged
    note_.since = x.started.value_or(now_);
    note_.deadline.reset();
    if (x.present == child::spawning)
      note_.deadline = now_ + definition_->start_timeout + head_start;
  }
  if (x.present == child::ended && !note_.started)
    note_.started = x.started;
  if (x.present != child::running)
    return;
  arrival_ = {x.spawn_id, x.pid, x.started ? x.started : note_.started};
  note_child();
  if (!known)
    enter(state::adopted);
  else if (x.adopted)
    announce("adopted", note_.at, note_.at);
  if (note_.at == state::starting || note_.at == state::adopted)
    become_ready();
  else if (is_up(note_.at) && !note_.deadline)
    note_.deadline = turnover();
}

void machine::wake_without_child() {
  switch (note_.at) {
    case state::starting: // it was asked for, but that was not heard
      if (wanted())
        spawn_child(false);
      else
        enter(state::stopped);
      return;
    case state::stopping:
    case state::stuck:
      if (note_.ended_spawn == note_.spawn_id) { // `after` died with the node
        end_ = {note_.last, {}, {}, {}, 0, true};
        if (!clear_up(note_.pending))
          conclude();
        return;
      }
      end_ = {{cause::kind::unknown, 0, false}, {}, {}, {}, 0, true};
      return settle();
    case state::running:
    case state::sick:
    case state::adopted:
      end_ = {{cause::kind::lost, 0, false}, {}, {}, {}, 0, true};
      return judge();
    case state::lost: return retry();
    case state::waiting:
      scheduled_ = static_cast<bool>(definition_->when);
      return look_at_clock();
    default: return;
  }
}

/// What is wanted may have changed while no node was there. Of what SVRUN
/// started nobody could: a stop was begun for the end of Saker, and its end is
/// final.
void machine::reconcile(bool wanted_before) {
  auto childless_plan = note_.at == state::waiting || note_.at == state::backoff
                        || note_.at == state::resting;
  auto rising = note_.at == state::starting || is_up(note_.at);
  if (wanted() && definition_->once && kept_)
    return;
  if (wanted()) {
    auto idle = note_.at == state::failed || note_.at == state::done;
    auto rests = note_.at == state::stopped && !note_.idle;
    if (rests || (idle && !wanted_before))
      rise();
    else if (note_.at == state::stopping && !note_.pending)
      note_.again = true;
  } else if (childless_plan) {
    note_.reason = wish_text();
    enter(state::stopped);
  } else if (rising && !note_.dropped) {
    end(false);
  }
}

} // namespace saker::supervision

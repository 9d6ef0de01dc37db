#include "supervision/machine.hpp"

namespace saker::supervision {

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

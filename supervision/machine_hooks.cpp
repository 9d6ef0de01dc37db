#include "base/units.hpp"
#include "supervision/machine.hpp"
#include "supervision/secrets.hpp"

namespace saker::supervision {

namespace {

/// `before: ./migrate --all`, as guests may read it.
std::string text_of(hook_kind which, const hook& x) {
  constexpr std::size_t longest = 80;
  std::string text{to_string(which)};
  text += ':';
  for (auto& word : without_secrets(x.commands.front()))
    text += ' ' + word;
  if (x.commands.size() > 1)
    text += " …";
  if (text.size() > longest)
    text.resize(longest);
  return text;
}

} // namespace

/// Runs the commands of a hook; false if there are none. Nobody waits for
/// `on_failed`.
bool machine::run(hook_kind which) {
  auto& what = definition_->hook_of(which);
  if (what.empty())
    return false;
  auto id = ++last_hook_;
  todo_.push_back(
    effect::run_hook{which, id, what.within, note_.last, note_.reason});
  if (which == hook_kind::on_failed)
    return true;
  hook_ = {which, id};
  note_.deadline = now_ + what.within + head_start;
  note_.reason = text_of(which, what);
  return true;
}

/// Runs `after`, if there is any; the instance is `stopping` until it is over.
/// What comes then depends on `pending`, if anything, as in settle().
bool machine::clear_up(const cause& pending) {
  if (definition_->after.empty())
    return false;
  held_end_ = end_;
  note_.pending = pending;
  if (note_.at != state::stopping)
    enter(state::stopping);
  note_.rung = static_cast<std::uint32_t>(ladder_.steps.size()) + 1;
  return run(hook_kind::after);
}

/// `after` is over, or its time is.
void machine::cleared() {
  end_ = held_end_;
  why_ = note_.last;
  row_ = definition_->exit.judge(why_).row;
  note_.reason = told(why_);
  conclude();
}

/// Nobody waits for `before` any more.
void machine::kill_hook() {
  todo_.push_back(effect::end_hook{hook_->id});
  note_.rung = static_cast<std::uint32_t>(ladder_.steps.size()) + 1;
  note_.deadline = now_ + grace;
}

/// The owner watches the limit of `before` and tells; this is for the case that
/// it does not.
void machine::give_up_before() {
  why_ = blame_ = {cause::kind::timeout, 0, false};
  end_
    = {blame_,
       "before: no end within " + format_duration(definition_->before.within),
       {},
       {},
       0,
       false};
  note_.pending = blame_;
  note_.reason = told(blame_);
  enter(state::stopping);
  kill_hook();
}

/// Nothing depends on it, but somebody has to know.
void machine::tell_failed_after(const event::hook_ended& x) {
  if (!ends_.empty())
    ends_.back().after = kept_text(x.detail);
  why_ = x.why;
  row_.clear();
  announce("after_failed", note_.at, note_.at);
  std::get<effect::publish>(todo_.back()).reason = x.detail;
}

void machine::take(const event::hook_ended& x) {
  if (!hook_ || hook_->id != x.id)
    return;
  if (std::exchange(hook_, {})->which == hook_kind::after) {
    if (x.why)
      tell_failed_after(x);
    return happens(stimulus::cleared);
  }
  auto failed = static_cast<bool>(x.why);
  if (!failed && note_.at == state::starting)
    return happens(stimulus::prepared);
  // It failed, or it was killed and did not notice.
  auto why = failed ? x.why : cause::exited(0);
  end_ = {note_.pending ? note_.pending : why, x.detail, {}, {}, 0, false};
  note_.ended_spawn = note_.spawn_id;
  happens(failed ? stimulus::refused : stimulus::prepared);
}

} // namespace saker::supervision

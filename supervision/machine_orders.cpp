#include "supervision/machine.hpp"

#include <csignal>

namespace saker::supervision {

namespace {

std::string by(const stamp& who) {
  return who.by.empty() ? "" : " by " + who.by;
}

} // namespace

// -- what can be told ----------------------------------------------------------

void machine::take(const event::pause& x) {
  asker_ = x.asker;
  who_asks_ = x.who;
  happens(stimulus::pause);
}

void machine::take(const event::cont& x) {
  asker_ = x.asker;
  happens(stimulus::cont);
}

void machine::take(const event::reload& x) {
  asker_ = x.asker;
  patience_ = x.wait.value_or(reload_patience);
  happens(stimulus::reload);
}

void machine::take(const event::reloaded& x) {
  reloading_ = false;
  std::erase_if(waiters_, [&](const waiter& y) {
    auto waits = y.what == waiter::goal::reloaded;
    if (waits)
      answer(y.asker, x.ok ? outcome::done : outcome::failed, x.text, !x.ok);
    return waits;
  });
}

void machine::take(const event::drop& x) {
  if (closing_)
    return answer(x.asker, outcome::refused, "Saker is shutting down");
  if (note_.leaving)
    return answer(x.asker, outcome::refused, "it is being removed");
  look_after(x.who, false);
  note_.dropped = true;
  who_asks_ = x.who;
  fail_starts("dropped meanwhile" + by(x.who));
  happens(stimulus::drop);
  answer(x.asker, outcome::done, present_text());
}

void machine::take(const event::check& x) {
  if (has_child(note_.at) && note_.started && as_wanted())
    todo_.push_back(
      effect::signal{0, kill_scope::leader, x.asker, present_text()});
  else
    answer(x.asker, as_wanted() ? outcome::done : outcome::failed,
           present_text());
}

// -- reactions -----------------------------------------------------------------

void machine::refuse(std::string why) {
  answer(asker_, outcome::refused, std::move(why));
}

/// What is going on keeps its reason.
void machine::forgive() {
  auto reason = std::exchange(note_.reason, {});
  clear_failures();
  note_.reason = std::move(reason);
}

void machine::lapse() {
  clear_failures();
  note_.reason = "reset" + by(who_asks_);
  if (wanted())
    note_.reason += "; a start is needed";
  note_.idle = wanted();
  enter(state::stopped);
}

void machine::hold() {
  if (!note_.started)
    return refuse("its program has not been started yet");
  note_.paused = true;
  note_.reason = "paused" + by(who_asks_);
  todo_.push_back(
    effect::signal{SIGSTOP, kill_scope::tree, asker_, present_text()});
}

/// Also for those that somebody else has stopped with a signal.
void machine::go_on() {
  if (std::exchange(note_.paused, false)) {
    note_.reason = note_.dropped ? "dropped" + by(wanted_by_) : "";
    if (note_.at == state::running || note_.at == state::sick)
      note_.deadline = turnover();
  }
  todo_.push_back(
    effect::signal{SIGCONT, kill_scope::tree, asker_, present_text()});
}

void machine::renew() {
  auto& how = definition_->reload;
  if (!how)
    return refuse("it has no reload: say in its definition how it reloads "
                  "itself, for example reload = \"HUP\"; or restart it");
  if (!note_.started)
    return refuse("its program has not been started yet");
  if (note_.paused)
    return refuse("it is paused: let it go on first");
  if (how->signal != 0) {
    todo_.push_back(effect::signal{how->signal, kill_scope::leader, asker_});
    return;
  }
  if (std::exchange(reloading_, true))
    return refuse("it is being reloaded");
  expect(asker_, waiter::goal::reloaded, patience_);
  todo_.push_back(effect::run_reload_command{});
}

void machine::let_be() {
  if (preparing())
    return end(false); // there is no child yet
  note_.reason = "dropped" + by(who_asks_);
  note_.again = false;
}

// -- helpers -------------------------------------------------------------------

/// A ladder is climbed by those who hear its signals.
void machine::resume() {
  if (std::exchange(note_.paused, false))
    todo_.push_back(effect::signal{SIGCONT, kill_scope::tree});
}

/// Whoever says what is wanted wants it to be looked after.
void machine::look_after(const stamp& who, bool up) {
  if (std::exchange(note_.dropped, false) && has_child(note_.at)) {
    note_.reason = note_.paused ? "paused" : "";
    if (note_.at == state::running || note_.at == state::sick)
      note_.deadline = turnover();
  }
  note_.wanted_up = up;
  note_.idle = false;
  wanted_by_ = who;
}

bool machine::as_wanted() const {
  switch (note_.at) {
    case state::running:
    case state::adopted: return !note_.paused;
    case state::starting:
    case state::waiting:
    case state::stopping:
    case state::done: return true;
    case state::stopped: return !wanted();
    default: return false;
  }
}

} // namespace saker::supervision

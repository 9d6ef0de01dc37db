#include "base/units.hpp"
#include "supervision/machine.hpp"

#include <algorithm>

namespace saker::supervision {

void machine::expect(ticket asker, waiter::goal what, duration longest,
                     std::vector<state> states) {
  if (asker != 0)
    waiters_.push_back({asker, what, now_ + longest, std::move(states)});
}

void machine::answer(ticket asker, outcome code, std::string text,
                     bool with_output) {
  if (asker != 0)
    todo_.push_back(effect::answer{asker, code, std::move(text), with_output});
}

/// Nobody shall wait for a child that will not come.
void machine::fail_starts(const std::string& why) {
  std::erase_if(waiters_, [&](const waiter& x) {
    auto start = is_start(x.what);
    if (start)
      answer(x.asker, outcome::failed, why, true);
    return start;
  });
}

/// The child ended early. Who asked to wait for `running` goes on waiting.
void machine::fail_impatient_starts(const std::string& why) {
  auto text = why;
  if (note_.at == state::backoff || note_.at == state::resting
      || note_.at == state::waiting)
    text += "; " + present_text(why);
  else if (note_.at == state::starting)
    text += "; started again";
  std::erase_if(waiters_, [&](const waiter& x) {
    if (!is_start(x.what) || x.what == waiter::goal::up)
      return false;
    answer(x.asker, outcome::failed, text, true);
    return true;
  });
}

/// Who waited for the end has seen it, whatever comes next.
void machine::tell_ended() {
  std::erase_if(waiters_, [this](const waiter& x) {
    if (x.what == waiter::goal::down)
      answer(x.asker, outcome::done, "ended, and is started again");
    return x.what == waiter::goal::down;
  });
}

void machine::settle_waiters() {
  std::erase_if(waiters_, [this](const waiter& x) {
    auto end = fate(x);
    if (end && x.what == waiter::goal::reloaded
        && std::exchange(reloading_, false))
      todo_.push_back(effect::end_reload_command{});
    if (end)
      answer(x.asker, end->first, end->second, end->first == outcome::failed);
    return end.has_value();
  });
}

/// How it ended for `x`; nothing while it has to wait.
std::optional<std::pair<outcome, std::string>>
machine::fate(const waiter& x) const {
  using fate_type = std::pair<outcome, std::string>;
  using goal = waiter::goal;
  auto now_is = [this](outcome code) {
    return fate_type{code, present_text()};
  };
  auto lived = is_up(note_.at) && note_.started
               && now_ >= *note_.started + probation;
  switch (x.what) {
    case goal::lived:
    case goal::up:
    case goal::steady:
      if (lived && (x.what == goal::lived || note_.at == state::running))
        return now_is(outcome::done);
      if (note_.at == state::done || scheduled_)
        return now_is(outcome::done);
      if (note_.at == state::waiting && x.what == goal::lived)
        return now_is(outcome::timeout);
      if (gone_)
        return fate_type{outcome::failed, "removed meanwhile"};
      break;
    case goal::down:
      if (!has_child(note_.at))
        return now_is(outcome::done);
      if (note_.at == state::stuck)
        return now_is(outcome::failed);
      break;
    case goal::reloaded: // the command's end is told by event::reloaded
      if (!reloading_)
        return fate_type{outcome::failed, "it ended meanwhile"};
      if (now_ >= x.until)
        return fate_type{outcome::timeout,
                         "its reload command took too long and was killed"};
      return std::nullopt;
    case goal::in:
      if (std::find(x.states.begin(), x.states.end(), note_.at)
          != x.states.end())
        return now_is(outcome::done);
      if (gone_)
        return fate_type{outcome::failed, "removed meanwhile"};
      break;
  }
  if (now_ >= x.until)
    return now_is(outcome::timeout);
  return std::nullopt;
}

/// `running, pid 4107`; `backoff: exit 1 after 20ms, restart in 200ms`. The
/// reason is left out if it is what was `said` before.
std::string machine::present_text(std::string_view said) const {
  auto x = snapshot(now_);
  std::string text{to_string(x.at)};
  if (x.pid != 0)
    text += ", pid " + std::to_string(x.pid);
  if (!x.reason.empty() && x.reason != said)
    text += ": " + x.reason;
  if (auto next = next_text(x, now_); next && x.at != state::starting)
    text += ", " + *next;
  return text;
}

} // namespace saker::supervision

#include "actors/event_log.hpp"

#include "base/log_line.hpp"
#include "base/units.hpp"

namespace saker {

using namespace supervision;

namespace {

using level = link::log_level;

/// ` in 2s`; in whole milliseconds, the last digits of a timer help nobody.
std::string soon(const effect::publish& x, time_point now) {
  if (!x.next_at || *x.next_at <= now)
    return {};
  return " in "
         + format_duration(
           std::chrono::ceil<std::chrono::milliseconds>(*x.next_at - now));
}

/// `exit 1 after 3s`; may be empty.
std::string reason_of(const effect::publish& x) {
  return x.reason.empty() && x.why ? to_string(x.why) : x.reason;
}

/// `stopped by amy` needs no state in front of it.
bool says_state(const effect::publish& x) {
  return reason_of(x).starts_with(std::string{to_string(x.to)} + ' ');
}

/// The same after a colon.
std::string because(const effect::publish& x) {
  auto text = reason_of(x);
  return text.empty() ? text : ": " + text;
}

std::string left_behind(const effect::publish& x) {
  auto one = x.orphans == 1;
  auto text = "left " + std::to_string(x.orphans)
              + (one ? " process behind, which was killed"
                     : " processes behind, which were killed");
  auto clean = x.why.what == cause::kind::exited && x.why.number == 0;
  if (clean)
    text += "; a program that goes into the background needs its foreground "
            "option";
  return text;
}

level weight(state x) {
  switch (x) {
    case state::failed:
    case state::resting:
    case state::stuck: return level::error;
    case state::backoff:
    case state::sick:
    case state::lost: return level::warning;
    case state::done:
    case state::stopped: return level::notice;
    default: return level::debug;
  }
}

std::string state_text(const effect::publish& x, time_point now) {
  switch (x.to) {
    case state::backoff: return reason_of(x) + "; restart" + soon(x, now);
    case state::resting:
      return "resting" + because(x) + "; one more try" + soon(x, now);
    case state::running:
    case state::adopted:
      return std::string{to_string(x.to)} + ", pid " + std::to_string(x.pid);
    default:
      return says_state(x) ? reason_of(x)
                           : std::string{to_string(x.to)} + because(x);
  }
}

} // namespace

std::vector<log_entry>
log_lines(const instance& who, const effect::publish& what, time_point now) {
  std::vector<log_entry> result;
  auto say = [&](level how, const std::string& text) {
    result.push_back({how, who.display() + ": " + log_line(text)});
  };
  if (what.name == "exit") {
    // Whoever does not come up in time is stopped, and nobody has asked for it.
    auto asked = what.from == state::stopping
                 && what.why.what != cause::kind::timeout;
    if (what.orphans > 0 && !asked)
      say(level::warning, left_behind(what));
    // Where it leads to another state than the one it came from, that is told.
    if (what.to == state::starting)
      say(asked ? level::notice : level::warning,
          reason_of(what) + "; started again");
  } else if (what.name == to_string(what.to)) {
    say(weight(what.to), state_text(what, now));
  }
  return result;
}

} // namespace saker

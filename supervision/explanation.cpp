#include "supervision/explanation.hpp"

#include "base/log_line.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <ctime>

namespace saker::supervision {

namespace {

/// Times as people say them: no digits that help nobody.
std::string short_time(duration x) {
  using namespace std::chrono;
  x = std::max(x, duration::zero());
  if (x >= 10s)
    return format_duration(floor<seconds>(x));
  return format_duration(floor<milliseconds>(x));
}

std::string ago(time_point at, time_point now) {
  return short_time(std::chrono::floor<std::chrono::seconds>(now - at))
         + " ago";
}

/// `2026-11-28 03:00:11`, local time.
std::string date(std::int64_t unix_ms) {
  auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  char text[32];
  if (!::localtime_r(&seconds, &parts)
      || std::strftime(text, sizeof(text), "%F %T", &parts) == 0)
    return std::to_string(unix_ms);
  return text;
}

std::string because(const std::string& reason) {
  return reason.empty() ? "." : ": " + reason + ".";
}

std::string in_time(const status& x, time_point now) {
  if (!x.next_at)
    return "soon";
  return "in " + short_time(*x.next_at - now);
}

std::string child(const status& x) {
  return x.pid != 0 ? "pid " + std::to_string(x.pid) : "no pid yet";
}

std::string to_start(const explanation& x) {
  return "SVSTART " + x.now.who.display() + " starts it.";
}

/// Not the child, but commands beside it: see hook.hpp.
bool runs_hook(const status& x) {
  return x.next.starts_with("limit of ");
}

/// The first sentence: the state and the reason for it.
std::string state_sentence(const explanation& x, time_point now) {
  auto& y = x.now;
  auto since = " for " + short_time(now - y.since);
  switch (y.at) {
    case state::stopped:
      return "It has been stopped" + since + because(y.reason);
    case state::waiting:
      return "It has been waiting" + since + " to be started"
             + because(y.reason);
    case state::starting:
      if (runs_hook(y))
        return "Its commands before the start have been running" + since + ".";
      if (!x.awaited.empty())
        return "It has been starting" + since + "; " + x.awaited + ".";
      return y.pid == 0
               ? "It is being started; exec has not answered" + since + "."
               : "Its process (" + child(y) + ") has not been ready" + since
                   + ".";
    case state::running:
      return "It has been running" + since + ", " + child(y)
             + (y.ready ? ", and is ready." : ", and is not ready.");
    case state::sick:
      return "It runs (" + child(y) + "), but its liveness check has failed"
             + since + because(y.reason);
    case state::stopping:
      if (runs_hook(y))
        return "It has ended; its commands after the end run" + since + ".";
      return "It has been told to stop (" + child(y) + ")" + since
             + because(y.reason);
    case state::backoff:
      return "It is down and waits before the next start" + because(y.reason);
    case state::resting:
      return "It is down and rests: it ended too often" + because(y.reason);
    case state::done:
      return "It finished " + ago(y.since, now) + because(y.reason);
    case state::failed:
      return "It failed " + ago(y.since, now) + because(y.reason);
    case state::stuck:
      return "It is stuck (" + child(y) + ")" + since + because(y.reason);
    case state::lost:
      return "What was known as its process is no longer that process"
             + because(y.reason);
    case state::adopted:
      return "It was found running (" + child(y) + ") " + ago(y.since, now)
             + ", and is not known to be ready.";
  }
  return {};
}

std::string wish_sentence(const status& x) {
  if (x.dropped)
    return "It was dropped"
           + (x.wanted_by.by.empty() ? "" : " by " + x.wanted_by.by)
           + (x.wanted_by.at != 0 ? " on " + date(x.wanted_by.at) : "")
           + ": left alone, not started again; SVSTART " + x.who.display()
           + " ends that.";
  std::string text = x.wanted_up ? "It is wanted up" : "It is wanted down";
  if (x.wanted_by.by.empty())
    return text + ", as its definition says (autostart).";
  text += ", by " + x.wanted_by.by;
  if (x.wanted_by.at != 0)
    text += " since " + date(x.wanted_by.at);
  return text + ".";
}

std::string end_sentence(const past_end& x, time_point now) {
  std::string who = x.pid != 0 ? " (pid " + std::to_string(x.pid) + ")" : "";
  auto how = "The last process" + who + " ended " + ago(x.at, now) + ": "
             + x.text;
  auto what = x.why.what;
  if (what == cause::kind::exec || what == cause::kind::resources
      || what == cause::kind::timeout)
    how = "The last start failed " + ago(x.at, now) + ": " + x.text;
  if (x.asked)
    return how + "; " + (x.order.empty() ? "that was asked for" : x.order)
           + ".";
  if (!x.instead.empty())
    return how + "; " + x.instead + ".";
  return how + "; row " + x.row + " of the exit table says " + to_string(x.then)
         + ".";
}

std::string budget_sentence(const explanation& x) {
  auto& limit = x.definition->budget;
  if (limit.unlimited())
    return {};
  if (x.on_trial)
    return "It is on trial after a rest: if it ends before it has lived for "
           + format_duration(limit.window) + ", it rests again.";
  if (x.now.in_budget == 0)
    return {};
  auto left = limit.count > x.now.in_budget ? limit.count - x.now.in_budget : 0;
  return std::to_string(x.now.in_budget) + " unexpected end"
         + (x.now.in_budget == 1 ? "" : "s") + " in "
         + format_duration(limit.window) + "; "
         + (left == 0 ? "the next one is one too many"
                      : std::to_string(left) + " more are borne")
         + ", then: " + to_string(x.definition->spent) + ".";
}

std::string next_sentence(const explanation& x, time_point now) {
  auto& y = x.now;
  switch (y.at) {
    case state::stopped: return x.leaving ? "" : to_start(x);
    case state::waiting: return "It is started " + in_time(y, now) + ".";
    case state::starting:
      if (!y.next_at)
        return {};
      return "If that lasts for " + short_time(*y.next_at - now)
             + " more, the start has failed ("
             + (runs_hook(y) ? "before" : "start_timeout") + ").";
    case state::stopping:
      if (runs_hook(y))
        return "They are ended " + in_time(y, now) + '.';
      return "Next on its ladder (" + to_string(x.definition->stop)
             + "): " + y.next + ' ' + in_time(y, now) + "; afterwards "
             + (x.leaving         ? "it is forgotten."
                : x.again         ? "it is started again."
                : x.now.wanted_up ? "the exit table says what comes next."
                                  : "it stays down.");
    case state::backoff:
      return "It is restarted " + in_time(y, now) + ", after "
             + std::to_string(x.backoff_step) + " restart"
             + (x.backoff_step == 1 ? "" : "s") + " in a row (backoff "
             + to_string(x.definition->backoff) + ").";
    case state::resting:
      return "It gets one more try " + in_time(y, now) + "; " + to_start(x);
    case state::done:
      return "It is not started again by itself. " + to_start(x);
    case state::failed:
      return "It is not started again by itself: mend what is wrong. "
             + to_start(x);
    case state::stuck:
      return "It may hang in the kernel, where no signal reaches it. It is "
             "gone when the kernel lets it go; until then no second one is "
             "started.";
    case state::lost: return "It is not started twice. " + to_start(x);
    case state::running:
    case state::sick:
    case state::adopted:
      return y.next_at && !y.next.empty()
               ? "It is restarted " + in_time(y, now) + " (max_age)."
               : "";
  }
  return {};
}

} // namespace

std::string kept_text(const std::string& x) {
  if (x.size() <= past_end::most_text)
    return x;
  return log_line(x, past_end::most_text) + " (cut here; SVLIFE has it all)";
}

std::vector<std::string> sentences(const explanation& x, time_point now) {
  std::vector<std::string> all;
  auto add = [&all](std::string text) {
    if (!text.empty())
      all.push_back(std::move(text));
  };
  add(state_sentence(x, now));
  if (x.now.paused)
    add("Its processes are held; SVCONT " + x.now.who.display()
        + " lets them go on.");
  add(wish_sentence(x.now));
  if (!x.ends.empty()) {
    add(end_sentence(x.ends.back(), now));
    if (auto& failed = x.ends.back().after; !failed.empty())
      add("Then its commands after the end failed: " + failed + ".");
  }
  add(budget_sentence(x));
  add(next_sentence(x, now));
  return all;
}

} // namespace saker::supervision

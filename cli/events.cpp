#include "cli/events.hpp"

#include "cli/event_history.hpp"
#include "cli/event_line.hpp"
#include "cli/message_stream.hpp"
#include "cli/since.hpp"

namespace saker::cli {

namespace {

/// `2026-11-28 13:14:31.204`: history may be of other days.
time_text with_day(const time_text& clock) {
  return [clock](std::int64_t unix_ms) {
    return local_day(unix_ms) + ' ' + clock(unix_ms);
  };
}

} // namespace

result<int> show_events(work& with) {
  std::string own;
  if (!with.asked.json) {
    auto name = own_node(with);
    if (!name)
      return name.error();
    own = std::move(*name);
  }
  auto past = with.asked.since.has_value();
  auto goes_on = with.asked.follow || !past;
  if (goes_on)
    if (auto done = follow(with, {"PSUBSCRIBE", "saker:*"}); !done)
      return done.error();
  auto colour = with.look().colour;
  auto when = past ? with_day(with.clock_text) : with.clock_text;
  auto show = [&](std::string_view channel, std::string_view text) {
    with.out << (with.asked.json ? std::string{text}
                                 : event_line(channel, text, when, colour, own))
             << '\n';
  };
  event_history history;
  auto show_history = [&]() -> result<bool> {
    if (!past)
      return false;
    auto found = history.read(with);
    if (!found)
      return found.error();
    for (auto& text : *found)
      show("saker", text);
    with.out << std::flush;
    return true;
  };
  if (past)
    if (auto done = history.begin(with); !done)
      return done.error();
  if (auto done = show_history(); !done)
    return done.error();
  if (!goes_on)
    return history.complete() ? fine : not_so;
  return each_message(
    with,
    [&](const message& x) {
      if (past && history.has(x.text))
        return;
      show(x.channel, x.text);
      with.out << std::flush;
    },
    show_history);
}

} // namespace saker::cli

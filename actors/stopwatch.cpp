#include "actors/stopwatch.hpp"

#include "session/shown_command.hpp"

namespace saker {

slow_subject::slow_subject(const command_call& what)
  : event(session::event_of(what.what.command)) {
  if (!what.origin.log || !what.origin.log->measures())
    return;
  origin = what.origin;
  std::vector<std::string_view> views{what.what.args.begin(),
                                      what.what.args.end()};
  words = session::kept_words(what.what.command, views);
}

void slow_subject::took(std::chrono::nanoseconds time) const {
  if (!origin.log)
    return;
  origin.log->latencies().note(event, time);
  if (origin.log->is_slow(time))
    origin.log->add(time, words, origin.address, origin.client);
}

void stopwatch::end(std::chrono::nanoseconds time) const {
  if (subject_)
    subject_->took(time);
  else if (log_->is_slow(time) || log_->latencies().enabled())
    slow_subject{*what_}.took(time);
}

} // namespace saker

#include "actors/stopwatch.hpp"

#include "session/shown_command.hpp"
#include "supervision/secrets.hpp"

namespace saker {

slow_subject::slow_subject(const command_call& what) {
  if (!what.origin.log || !what.origin.log->enabled())
    return;
  origin = what.origin;
  words = supervision::without_secrets(what.what.args);
}

void slow_subject::took(std::chrono::nanoseconds time) const {
  if (!origin.log || !origin.log->is_slow(time))
    return;
  std::vector<std::string_view> views{words.begin(), words.end()};
  origin.log->add(time, views, origin.address, origin.client);
}

} // namespace saker

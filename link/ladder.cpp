#include "link/ladder.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "process/exit_status.hpp"

#include <csignal>

namespace saker::link {

namespace {

using std::chrono::nanoseconds;

constexpr std::size_t most_rungs = 16;

bool is_duration(std::string_view word) {
  return word.front() >= '0' && word.front() <= '9' && !parse_integer(word);
}

failure wrong(std::string_view text, std::string_view why) {
  return fail(errc::syntax,
              "ladder \"" + printable(text, 64) + "\": " + std::string{why});
}

std::vector<std::string> known_signals() {
  std::vector<std::string> names;
  for (auto number = 1; number < SIGRTMIN; ++number) {
    auto name = process::signal_name(number);
    if (name.starts_with("SIG"))
      names.push_back(name.substr(3));
  }
  return names;
}

std::string short_name(int signal) {
  auto name = process::signal_name(signal);
  return name.starts_with("SIG") ? name.substr(3) : std::to_string(signal);
}

} // namespace

bool wants_continue(int signal) noexcept {
  return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT
         || signal == SIGHUP;
}

result<ladder> parse_ladder(std::string_view text) {
  ladder out;
  auto may_wait = false; // a duration stands behind a signal only
  for (auto word : split(text, ' ')) {
    word = trim(word);
    if (word.empty())
      continue;
    if (is_duration(word) || (word == "0" && may_wait)) {
      if (!may_wait)
        return wrong(text, "a signal must stand before " + printable(word, 32));
      auto wait = parse_duration(word);
      if (!wait)
        return wait.error();
      out.back().wait = *wait;
      may_wait = false;
      continue;
    }
    auto signal = process::signal_number(word);
    if (!signal)
      return wrong(text, "there is no signal " + printable(word, 32)
                           + did_you_mean(to_upper(word), known_signals()));
    if (out.size() == most_rungs)
      return wrong(text, "more than 16 signals");
    out.push_back({*signal, nanoseconds{0}});
    may_wait = true;
  }
  if (out.empty())
    return wrong(text, "no signal in it; a good one is \"TERM 10s KILL\"");
  return out;
}

std::string to_string(const ladder& x) {
  std::string text;
  for (auto& step : x) {
    if (!text.empty())
      text += ' ';
    text += short_name(step.signal);
    if (step.wait > nanoseconds{0})
      text += ' ' + format_duration(step.wait);
  }
  return text;
}

} // namespace saker::link

#include "process/ladder.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "process/exit_status.hpp"

#include <csignal>

namespace saker::process {

namespace {

using std::chrono::nanoseconds;

constexpr std::size_t most_rungs = 16;
constexpr auto longest_wait = std::chrono::hours{24};

failure wrong(std::string_view text, const std::string& why) {
  return fail(errc::syntax, "\"" + printable(text, 60)
                              + "\" is not a stop ladder: " + why
                              + "; write signals and waits, for example "
                                "\"TERM 10s KILL\"");
}

/// `SIGTERM` → `TERM`.
std::string short_name(int signal) {
  return signal_name(signal).substr(3);
}

std::vector<std::string> known_signals() {
  std::vector<std::string> names;
  for (auto number = 1; number < SIGRTMIN; ++number)
    if (signal_name(number).starts_with("SIG"))
      names.push_back(short_name(number));
  return names;
}

/// Digits are always a wait: `TERM 10 KILL` lacks a unit, and does not mean
/// signal 10.
bool is_wait(std::string_view word) {
  return word.front() >= '0' && word.front() <= '9';
}

} // namespace

result<ladder> parse_ladder(std::string_view text) {
  ladder out;
  auto waits = true; // what was read last is a wait, or nothing was
  for (auto word : split(text, ' ')) {
    word = trim(word);
    if (word.empty())
      continue;
    if (!is_wait(word)) {
      auto signal = signal_number(word);
      if (!signal)
        return wrong(text, "there is no signal \"" + printable(word, 20) + "\""
                             + did_you_mean(to_upper(word), known_signals()));
      out.push_back({*signal, nanoseconds{0}});
      waits = false;
      continue;
    }
    auto wait = parse_duration(word);
    if (!wait || *wait > longest_wait)
      return wrong(text, "\"" + printable(word, 20)
                           + "\" is not a wait of at most 24h");
    if (waits)
      return wrong(text, out.empty() ? "it begins with a wait"
                                     : "two waits follow each other");
    out.back().wait = *wait;
    waits = true;
  }
  if (out.empty())
    return wrong(text, "it is empty");
  if (out.size() > most_rungs)
    return wrong(text, "it has more than 16 signals");
  if (to_string(out).size() > max_ladder)
    return wrong(text, "it is longer than 128 bytes");
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

bool wants_continue(int signal) noexcept {
  return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT
         || signal == SIGHUP;
}

} // namespace saker::process

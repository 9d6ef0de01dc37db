#include "supervision/ladder.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "process/exit_status.hpp"

#include <csignal>

namespace saker::supervision {

namespace {

using step = ladder::step;

constexpr auto longest_wait = std::chrono::hours{24};
constexpr std::size_t most_steps = 32;

step signal_step(int number) {
  return {step::kind::signal, number, {}};
}

step wait_step(duration x) {
  return {step::kind::wait, 0, x};
}

/// `SIGTERM` → `TERM`.
std::string short_name(int number) {
  auto name = process::signal_name(number);
  return name.starts_with("SIG") ? name.substr(3) : name;
}

const std::vector<std::string> usual_signals
  = {"TERM", "KILL", "INT", "QUIT", "HUP", "USR1", "USR2", "ABRT", "WINCH"};

} // namespace

std::string_view to_string(kill_scope x) noexcept {
  return x == kill_scope::tree ? "tree" : "leader";
}

duration ladder::length() const {
  duration result{};
  for (auto& x : steps)
    result += x.wait;
  return result;
}

result<ladder> parse_ladder(std::string_view text) {
  auto bad = [&](std::string why) {
    return fail(errc::syntax, "\"" + printable(text, 60)
                                + "\" is not a stop ladder: " + std::move(why)
                                + "; write signals and waits, for example "
                                  "\"TERM 10s KILL\"");
  };
  ladder result;
  for (auto word : split(text, ' ')) {
    word = trim(word);
    if (word.empty())
      continue;
    if (result.steps.size() == most_steps)
      return bad("more than 32 steps");
    auto starts_with_digit = word.front() >= '0' && word.front() <= '9';
    if (starts_with_digit) {
      auto wait = parse_duration(word);
      if (!wait || *wait > longest_wait)
        return bad("\"" + printable(word, 20)
                   + "\" is not a wait of at most "
                     "24h");
      if (result.steps.empty())
        return bad("it begins with a wait");
      if (result.steps.back().what == step::kind::wait)
        return bad("two waits follow each other");
      result.steps.push_back(wait_step(*wait));
    } else if (auto number = process::signal_number(word)) {
      result.steps.push_back(signal_step(*number));
    } else {
      return bad("there is no signal \"" + printable(word, 20) + "\""
                 + did_you_mean(word, usual_signals));
    }
  }
  if (result.steps.empty())
    return bad("it is empty");
  return result;
}

ladder command_ladder(std::vector<std::string> argv) {
  using namespace std::chrono_literals;
  return {{{step::kind::command, 0, {}},
           wait_step(10s),
           signal_step(SIGTERM),
           wait_step(10s),
           signal_step(SIGKILL)},
          std::move(argv)};
}

std::string to_string(const ladder& x) {
  std::string result;
  for (auto& step : x.steps) {
    if (step.what == ladder::step::kind::command)
      continue;
    if (step.what == ladder::step::kind::wait && result.empty())
      continue; // it was the wait after the command
    if (!result.empty())
      result += ' ';
    result += step.what == ladder::step::kind::wait ? format_duration(step.wait)
                                                    : short_name(step.signal);
  }
  return result;
}

} // namespace saker::supervision

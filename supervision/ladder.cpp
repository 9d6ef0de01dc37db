#include "supervision/ladder.hpp"

#include "process/ladder.hpp"

#include <csignal>

namespace saker::supervision {

namespace {

using step = ladder::step;

step signal_step(int number) {
  return {step::kind::signal, number, {}};
}

step wait_step(duration x) {
  return {step::kind::wait, 0, x};
}

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
  auto rungs = process::parse_ladder(text);
  if (!rungs)
    return rungs.error();
  ladder result;
  for (auto& x : *rungs) {
    result.steps.push_back(signal_step(x.signal));
    if (x.wait > duration::zero())
      result.steps.push_back(wait_step(x.wait));
  }
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
  process::ladder rungs;
  for (auto& one : x.steps)
    if (one.what == step::kind::signal)
      rungs.push_back({one.signal, {}});
    else if (!rungs.empty()) // else it is the command, or the wait after it
      rungs.back().wait = one.wait;
  return process::to_string(rungs);
}

} // namespace saker::supervision

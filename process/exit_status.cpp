#include "process/exit_status.hpp"

#include "base/text.hpp"

#include <array>
#include <cstring>

#include <sys/wait.h>

namespace saker::process {

namespace {

struct alias {
  std::string_view name;
  int number;
};

// Other names of the same numbers, as the C headers have them.
constexpr std::array<alias, 3> aliases = {{
  {"IOT", SIGABRT},
  {"CLD", SIGCHLD},
  {"IO", SIGIO},
}};

bool starts_with_ignoring_case(std::string_view x, std::string_view prefix) {
  return x.size() >= prefix.size()
         && equal_ignoring_case(x.substr(0, prefix.size()), prefix);
}

bool is_signal(long long number) {
  return number > 0 && number <= SIGRTMAX;
}

// `RTMIN`, `RTMIN+1`, `RTMAX`, `RTMAX-1`.
std::optional<int> realtime_number(std::string_view name) {
  auto from_min = starts_with_ignoring_case(name, "RTMIN");
  if (!from_min && !starts_with_ignoring_case(name, "RTMAX"))
    return std::nullopt;
  auto base = from_min ? SIGRTMIN : SIGRTMAX;
  auto rest = name.substr(5);
  if (rest.empty())
    return base;
  if (rest.front() != (from_min ? '+' : '-'))
    return std::nullopt;
  auto offset = parse_integer(rest.substr(1));
  if (!offset || *offset < 0 || *offset > SIGRTMAX - SIGRTMIN)
    return std::nullopt;
  auto distance = static_cast<int>(*offset);
  return from_min ? base + distance : base - distance;
}

} // namespace

exit_status exit_status::from(const siginfo_t& info) noexcept {
  switch (info.si_code) {
    case CLD_EXITED: return exited(info.si_status);
    case CLD_KILLED: return signaled(info.si_status);
    case CLD_DUMPED: return signaled(info.si_status, true);
    default: return unknown();
  }
}

exit_status exit_status::from_wait_status(int status) noexcept {
  if (WIFEXITED(status))
    return exited(WEXITSTATUS(status));
  if (WIFSIGNALED(status))
    return signaled(WTERMSIG(status), WCOREDUMP(status) != 0);
  return unknown();
}

std::string to_string(const exit_status& x) {
  switch (x.how) {
    case exit_status::kind::exited: return "exit " + std::to_string(x.code);
    case exit_status::kind::signaled:
      return signal_name(x.code) + (x.core ? " (core)" : "");
    case exit_status::kind::unknown: break;
  }
  return "unknown";
}

std::optional<int> signal_number(std::string_view name) noexcept {
  if (auto number = parse_integer(name))
    return is_signal(*number) ? std::optional{static_cast<int>(*number)}
                              : std::nullopt;
  if (starts_with_ignoring_case(name, "SIG"))
    name.remove_prefix(3);
  for (auto number = 1; number < SIGRTMIN; ++number)
    if (auto known = sigabbrev_np(number))
      if (equal_ignoring_case(name, known))
        return number;
  for (auto& x : aliases)
    if (equal_ignoring_case(name, x.name))
      return x.number;
  return realtime_number(name);
}

std::string signal_name(int number) {
  if (auto known = number > 0 ? sigabbrev_np(number) : nullptr)
    return std::string{"SIG"} + known;
  if (number == SIGRTMIN)
    return "SIGRTMIN";
  if (number > SIGRTMIN && number <= SIGRTMAX)
    return "SIGRTMIN+" + std::to_string(number - SIGRTMIN);
  return "signal " + std::to_string(number);
}

} // namespace saker::process

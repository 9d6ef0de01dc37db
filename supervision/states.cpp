#include "supervision/states.hpp"

#include "base/text.hpp"

namespace saker::supervision {

namespace {

constexpr std::array<std::string_view, state_count> state_names = {
  "stopped", "waiting", "starting", "running", "sick",   "stopping", "backoff",
  "resting", "done",    "failed",   "stuck",   "lost",   "adopted",
};

constexpr std::array<std::string_view, stimulus_count> stimulus_names = {
  "start",   "stop",    "restart", "signal",  "reset",   "change",
  "replace", "remove",  "shutdown", "hurry",  "spawned", "refused",
  "exited",  "ready",   "unready", "weak",    "unhealthy", "timer",
};

using row = std::array<reaction, state_count>;
using enum reaction;

constexpr auto retake = take_on_retry;
constexpr auto reagain = take_on_again;
constexpr auto signal_it = pass_signal;

/// One row per stimulus, one column per state. Read it by row: "what does a
/// stop do?", state by state.
// clang-format off
constexpr std::array<row, stimulus_count> table = {{
//           stopped   waiting   starting   running    sick       stopping   backoff   resting   done      failed    stuck      lost      adopted
/*start*/    {launch,   launch,   join,      join,      join,      rise_again,launch,   launch,   launch,   launch,   rise_again,launch,   join},
/*stop*/     {join,     lie_down, end,       end,       end,       stay_down, lie_down, lie_down, lie_down, lie_down, end,       lie_down, end},
/*restart*/  {launch,   launch,   end_again, end_again, end_again, rise_again,launch,   launch,   launch,   launch,   rise_again,launch,   end_again},
/*signal*/   {no_child, no_child, signal_it, signal_it, signal_it, signal_it, no_child, no_child, no_child, no_child, signal_it, no_child, signal_it},
/*reset*/    {forgive,  forgive,  forgive,   forgive,   forgive,   forgive,   retry,    retry,    forgive,  retry,    forgive,   forgive,  forgive},
/*change*/   {take_on,  take_on,  take_on,   take_on,   take_on,   take_on,   take_on,  take_on,  take_on,  take_on,  take_on,   take_on,  take_on},
/*replace*/  {take_on,  retake,   reagain,   reagain,   reagain,   take_on,   retake,   retake,   take_on,  retake,   take_on,   retake,   reagain},
/*remove*/   {leave,    leave,    end_leave, end_leave, end_leave, end_leave, leave,    leave,    leave,    leave,    end_leave, leave,    end_leave},
/*shutdown*/ {join,     lie_down, end,       end,       end,       stay_down, lie_down, lie_down, join,     join,     join,      lie_down, end},
/*hurry*/    {ignore,   ignore,   ignore,    ignore,    ignore,    compress,  ignore,   ignore,   ignore,   ignore,   ignore,    ignore,   ignore},
/*spawned*/  {ignore,   ignore,   come_up,   ignore,    ignore,    come_late, ignore,   ignore,   ignore,   ignore,   come_late, ignore,   ignore},
/*refused*/  {ignore,   ignore,   judge,     ignore,    ignore,    settle,    ignore,   ignore,   ignore,   ignore,   settle,    ignore,   ignore},
/*exited*/   {ignore,   ignore,   judge,     judge,     judge,     settle,    ignore,   ignore,   ignore,   ignore,   settle,    ignore,   judge},
/*ready*/    {ignore,   ignore,   become_ready, ignore, become_ready, ignore, ignore,   ignore,   ignore,   ignore,   ignore,    ignore,   become_ready},
/*unready*/  {ignore,   ignore,   give_up_on, ignore,   ignore,    ignore,    ignore,   ignore,   ignore,   ignore,   ignore,    ignore,   give_up_on},
/*weak*/     {ignore,   ignore,   ignore,    weaken,    ignore,    ignore,    ignore,   ignore,   ignore,   ignore,   ignore,    ignore,   ignore},
/*unhealthy*/{ignore,   ignore,   ignore,    give_up_on, give_up_on, ignore,  ignore,   ignore,   ignore,   ignore,   ignore,    ignore,   ignore},
/*timer*/    {ignore,   go,       overdue,   ignore,    ignore,    next_rung, take_turn, take_turn, ignore, ignore,   ignore,    ignore,   become_ready},
}};
// clang-format on

template <class Enum>
constexpr std::size_t index(Enum x) noexcept {
  return static_cast<std::size_t>(x);
}

} // namespace

reaction react(state in, stimulus happens) noexcept {
  return table[index(happens)][index(in)];
}

std::string_view to_string(state x) noexcept {
  return state_names[index(x)];
}

std::string_view to_string(stimulus x) noexcept {
  return stimulus_names[index(x)];
}

std::string_view to_string(reaction x) noexcept {
  switch (x) {
    case ignore: return "-";
    case launch: return "forget failures, start a child";
    case join: return "already so, or on its way";
    case rise_again: return "start again after the end";
    case stay_down: return "do not start again after the end";
    case lie_down: return "→ stopped";
    case end: return "→ stopping, first signal";
    case end_again: return "→ stopping, first signal; then start again";
    case end_leave: return "→ stopping, first signal; then leave";
    case leave: return "forget the instance";
    case pass_signal: return "send the signal";
    case no_child: return "refuse: no process";
    case forgive: return "clear budget and backoff";
    case retry: return "clear budget and backoff, start if wanted";
    case take_on: return "use the new definition";
    case take_on_retry: return "use the new definition, start if wanted";
    case take_on_again: return "→ stopping; then start the new definition";
    case compress: return "shorten the rest of the ladder";
    case come_up: return "note the pid; → running if that is ready";
    case come_late: return "note the pid";
    case judge: return "ask the exit table";
    case settle: return "→ stopped, start again, or ask the exit table";
    case become_ready: return "→ running";
    case weaken: return "→ sick";
    case give_up_on: return "→ stopping; then ask the exit table";
    case overdue: return "→ stopping with SIGKILL; then ask the exit table";
    case next_rung: return "next signal; after the last → stuck";
    case take_turn: return "start a child, or → waiting for the limit";
    case go: return "start a child";
  }
  return "?";
}

std::optional<state> parse_state(std::string_view x) noexcept {
  for (std::size_t i = 0; i < state_count; ++i)
    if (equal_ignoring_case(x, state_names[i]))
      return static_cast<state>(i);
  return std::nullopt;
}

bool has_child(state x) noexcept {
  switch (x) {
    case state::starting:
    case state::running:
    case state::sick:
    case state::stopping:
    case state::stuck:
    case state::adopted: return true;
    default: return false;
  }
}

bool is_up(state x) noexcept {
  return x == state::running || x == state::sick || x == state::adopted;
}

std::string state_table() {
  std::string result = "| state |";
  for (auto name : stimulus_names)
    result += " " + std::string{name} + " |";
  result += "\n|---|";
  for (std::size_t i = 0; i < stimulus_count; ++i)
    result += "---|";
  result += '\n';
  for (std::size_t s = 0; s < state_count; ++s) {
    result += "| " + std::string{state_names[s]} + " |";
    for (auto& happens : table)
      result += " " + std::string{to_string(happens[s])} + " |";
    result += '\n';
  }
  return result;
}

} // namespace saker::supervision

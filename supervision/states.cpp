#include "supervision/states.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <vector>

namespace saker::supervision {

namespace {

constexpr std::array<std::string_view, state_count> state_names = {
  "stopped", "waiting", "starting", "running", "sick", "stopping", "backoff",
  "resting", "done",    "failed",   "stuck",   "lost", "adopted",
};

constexpr std::array<std::string_view, stimulus_count> stimulus_names = {
  "start",    "stop",   "restart",   "signal",   "reset",   "pause",
  "cont",     "reload", "drop",      "change",   "replace", "remove",
  "shutdown", "hurry",  "spawned",   "refused",  "exited",  "ready",
  "unready",  "weak",   "unhealthy", "prepared", "cleared", "timer",
};

using row = std::array<reaction, state_count>;
using enum reaction;

// Short names, so that the table can be seen as one.
constexpr auto none = reaction::ignore;
constexpr auto pass = reaction::pass_signal;
constexpr auto retake = reaction::take_on_retry;
constexpr auto reagain = reaction::take_on_again;
constexpr auto afresh = reaction::start_over;

/// A row that forgets a state does not compile, nor does a table that forgets
/// a stimulus.
template <class... Reactions>
constexpr row cells(Reactions... x) {
  static_assert(sizeof...(Reactions) == state_count);
  return {x...};
}

template <class... Rows>
constexpr std::array<row, stimulus_count> rows(Rows... x) {
  static_assert(sizeof...(Rows) == stimulus_count);
  return {x...};
}

/// One row per stimulus, one column per state. Read it by row: "what does a
/// stop do?", state by state.
// clang-format off
constexpr auto table = rows(
//                  stopped   waiting   starting      running     sick          stopping     backoff    resting    done      failed    stuck       lost      adopted
/*start*/     cells(launch  , launch  , join        , join      , join        , rise_again , launch   , launch   , launch  , launch  , rise_again, launch  , join),
/*stop*/      cells(join    , lie_down, end         , end       , end         , stay_down  , lie_down , lie_down , lie_down, lie_down, end       , lie_down, end),
/*restart*/   cells(launch  , launch  , end_again   , end_again , end_again   , rise_again , launch   , launch   , launch  , launch  , rise_again, launch  , end_again),
/*signal*/    cells(no_child, no_child, pass        , pass      , pass        , pass       , no_child , no_child , no_child, no_child, pass      , no_child, pass),
/*reset*/     cells(forgive , forgive , forgive     , forgive   , forgive     , forgive    , afresh   , afresh   , forgive , lapse   , forgive   , forgive , forgive),
/*pause*/     cells(no_child, no_child, hold        , hold      , hold        , is_ending  , no_child , no_child , no_child, no_child, is_ending , no_child, hold),
/*cont*/      cells(no_child, no_child, go_on       , go_on     , go_on       , go_on      , no_child , no_child , no_child, no_child, go_on     , no_child, go_on),
/*reload*/    cells(no_child, no_child, renew       , renew     , renew       , is_ending  , no_child , no_child , no_child, no_child, is_ending , no_child, renew),
/*drop*/      cells(join    , lie_down, let_be      , let_be    , let_be      , stay_down  , lie_down , lie_down , lie_down, lie_down, stay_down , lie_down, let_be),
/*change*/    cells(take_on , take_on , take_on     , take_on   , take_on     , take_on    , take_on  , take_on  , take_on , take_on , take_on   , take_on , take_on),
/*replace*/   cells(take_on , retake  , reagain     , reagain   , reagain     , take_on    , retake   , retake   , take_on , retake  , take_on   , retake  , reagain),
/*remove*/    cells(leave   , leave   , end_leave   , end_leave , end_leave   , leave_after, leave    , leave    , leave   , leave   , end_leave , leave   , end_leave),
/*shutdown*/  cells(join    , lie_down, end         , end       , end         , stay_down  , lie_down , lie_down , join    , join    , join      , lie_down, end),
/*hurry*/     cells(none    , none    , none        , none      , none        , compress   , none     , none     , none    , none    , none      , none    , none),
/*spawned*/   cells(none    , none    , come_up     , none      , none        , come_late  , none     , none     , none    , none    , come_late , none    , none),
/*refused*/   cells(none    , none    , judge       , none      , none        , settle     , none     , none     , none    , none    , settle    , none    , none),
/*exited*/    cells(none    , none    , judge       , judge     , judge       , settle     , none     , none     , none    , none    , settle    , none    , judge),
/*ready*/     cells(none    , none    , become_ready, none      , become_ready, none       , none     , none     , none    , none    , none      , none    , become_ready),
/*unready*/   cells(none    , none    , give_up_on  , none      , none        , none       , none     , none     , none    , none    , none      , none    , give_up_on),
/*weak*/      cells(none    , none    , none        , weaken    , none        , none       , none     , none     , none    , none    , none      , none    , none),
/*unhealthy*/ cells(none    , none    , none        , give_up_on, give_up_on  , none       , none     , none     , none    , none    , none      , none    , none),
/*prepared*/  cells(none    , none    , proceed     , none      , none        , settle     , none     , none     , none    , none    , settle    , none    , none),
/*cleared*/   cells(none    , none    , none        , none      , none        , conclude   , none     , none     , none    , none    , conclude  , none    , none),
/*timer*/     cells(none    , go      , overdue     , retire    , retire      , next_rung  , take_turn, take_turn, none    , none    , none      , none    , become_ready));
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
    case leave_after: return "forget the instance after the end";
    case leave: return "forget the instance";
    case pass_signal: return "send the signal";
    case no_child: return "refuse: no process";
    case is_ending: return "refuse: it is being stopped";
    case forgive: return "clear budget and backoff";
    case lapse: return "clear budget and backoff, → stopped";
    case start_over: return "clear budget and backoff, start if wanted";
    case hold: return "SIGSTOP to all of its processes";
    case go_on: return "SIGCONT to all of its processes";
    case renew: return "run its reload, or refuse if it has none";
    case let_be: return "leave the child alone, whatever it does";
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
    case proceed: return "start a child: what comes before is done";
    case conclude: return "do what was to be done after the end";
    case retire: return "too old: → stopping, first signal; then start again";
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
  std::string result = "| in state | when told | then |\n|---|---|---|\n";
  for (std::size_t s = 0; s < state_count; ++s) {
    std::vector<reaction> done = {reaction::ignore};
    for (auto& happens : table) {
      auto what = happens[s];
      if (std::find(done.begin(), done.end(), what) != done.end())
        continue;
      done.push_back(what);
      std::string when;
      for (std::size_t e = 0; e < stimulus_count; ++e)
        if (table[e][s] == what)
          when += (when.empty() ? "" : ", ") + std::string{stimulus_names[e]};
      result += "| `" + std::string{state_names[s]} + "` | " + when + " | "
                + std::string{to_string(what)} + " |\n";
    }
  }
  return result;
}

} // namespace saker::supervision

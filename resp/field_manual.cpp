#include "resp/field_manual.hpp"

namespace saker::resp {

namespace {

constexpr field_row of_status[]{
  {"name", "the instance: `web`, or `web:0` where there may be several"},
  {"node", "where it is"},
  {"state", "one of docs/states.md"},
  {"ready", "does it serve, as far as is known?"},
  {"intent", "what is wanted: `up` or `down`"},
  {"intent_by", "whose wish that is: `root@unix`, `amy@10.0.0.1:4711`; null: "
                "its definition's"},
  {"intent_since", "… and since when, Unix time in ms; null likewise"},
  {"pid", "its process; 0: none"},
  {"since", "in this state since, Unix time in ms"},
  {"uptime", "of its process, in ms; 0: none"},
  {"restarts", "automatic ones, ever"},
  {"restarts_1h", "… in the last hour"},
  {"last_exit", "how the last process ended: `exit 1`, `SIGSEGV`; null: none "
                "has"},
  {"next", "what comes by itself, and when: `restart in 12s`; null: nothing"},
  {"reason", "why it is in this state, for people; null: no more to say"},
  {"cpu", "percent of one CPU, with all its processes; null: not known"},
  {"rss", "bytes, likewise"},
  {"where", "its definition, `FILE:LINE`; null: SVRUN"},
};

constexpr field_row of_events[]{
  {"id", "`<ms>-<seq>`; grows, and never comes twice"},
  {"ts", "Unix time in ms"},
  {"node", "where it happened"},
  {"service", "the instance: `web:0`"},
  {"event", "a state that was entered, or `exit` (a process ended), `ready`, "
            "`oom`, `after_failed` (the commands of `after`), `scaled`"},
  {"from", "the state before"},
  {"to", "the state that it led to"},
  {"cause", "how it ended: `exit 1`, `SIGSEGV`, `oom`, `unready`…; or null"},
  {"code", "its exit code; or null"},
  {"signal", "the signal that ended it; or null"},
  {"core", "was a core dumped?"},
  {"pid", "the process; 0: none"},
  {"uptime", "of `exit`, `oom`, `lost`: how long it lived, in ms; or null"},
  {"restarts", "automatic ones so far"},
  {"next_at", "when the state `to` ends by itself, Unix time in ms: a restart, "
              "or a limit; or null"},
  {"next", "what comes then: `restart`, `SIGKILL`, `start timeout`… Only with "
           "`next_at`"},
  {"row", "of `exit`: the row of the exit table that fits; or null"},
  {"orphans_killed", "processes it left behind, if any"},
  {"reason", "for people: `SIGTERM after 1m23s; restarted by root@unix`. Not "
             "always there"},
  {"count", "of `scaled`: how many instances there are now"},
  {"count_before", "… and were before"},
};

std::string field_table(std::span<const field_row> rows) {
  std::string text = "| field | meaning |\n|---|---|\n";
  for (auto& x : rows)
    text += "| `" + std::string{x.name} + "` | " + std::string{x.meaning}
            + " |\n";
  return text;
}

} // namespace

std::span<const field_row> status_fields() noexcept {
  return of_status;
}

std::span<const field_row> event_fields() noexcept {
  return of_events;
}

std::string field_manual() {
  return "\n### Fields of SVSTATUS\n\n" + field_table(of_status)
         + "\n### Events\n\n"
           "Each event is JSON, published on `saker:NODE:SERVICE:EVENT`:\n"
           "`PSUBSCRIBE saker:*:web:*`. `saker events` shows them as lines.\n\n"
         + field_table(of_events);
}

} // namespace saker::resp

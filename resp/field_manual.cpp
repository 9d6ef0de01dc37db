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

constexpr field_row of_node_info[]{
  {"name", "of the node"},
  {"address", "where other nodes reach it; null: without [cluster]"},
  {"state", "`up`, `suspect` (it is late with answers), `dead` or `left` (it "
            "ended by itself)"},
  {"since", "in this state since, Unix time in ms; of this node: its start"},
  {"rtt", "until it answered the last heartbeat, in ms; null: no link, or it "
          "has not yet"},
  {"reason", "why it is dead; or null"},
  {"missed", "messages for it that were skipped because it did not keep up"},
  {"version", "of its Saker; null: never heard"},
  {"pid", "of its node process; null likewise"},
  {"started", "Unix time in ms; null likewise"},
  {"join", "does it stand in `[cluster] join` of this node?"},
  {"link", "address of the connection's other end; null: no link"},
  {"dialled", "was it this node that connected? Null: no link"},
  {"heartbeat_age", "since it answered or sent a heartbeat, in ms; null: no "
                    "link, or it has not yet"},
  {"received", "bytes over this link; null: no link"},
  {"sent", "likewise"},
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

std::span<const field_row> node_fields() noexcept {
  return of_node_info;
}

std::string field_manual() {
  return "\n### Fields of SVSTATUS\n\n" + field_table(of_status)
         + "\n### Events\n\n"
           "Each event is JSON, published on `saker:NODE:SERVICE:EVENT`:\n"
           "`PSUBSCRIBE saker:*:web:*`. `saker events` shows them as lines.\n\n"
         + field_table(of_events) + "\n### Fields of NODE INFO\n\n"
         + "Those of NODES are the first seven.\n\n"
         + field_table(of_node_info);
}

} // namespace saker::resp

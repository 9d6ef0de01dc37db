#include "lua/definition_manual.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace saker::lua {

namespace {

constexpr auto live = false;
constexpr auto restart = true;

std::string escaped(const std::string& text) {
  std::string result;
  for (auto c : text)
    result += c == '|' ? "\\|" : std::string(1, c);
  return result;
}

/// What stands before the table, and behind it.
constexpr std::string_view intro = R"(# Keys of a service

A service is a table in a file `services/*.lua`: `service "name" { keys }`.
Only `exec` is required. `defaults { keys }` counts for all services that
follow in that file. A file is evaluated to data: it may compute, but touches
nothing; all errors of all files are told at once with file and line, and a file
with an error leaves what runs as it is. `saker check FILE` only looks.

*change* says what SVAPPLY does with a running child if that key differs:
`live`, it runs on; `restart`, it is stopped and started anew. Durations are
`200ms 10s 5m 2h 1d`, sizes `64kb 10M 1gb`.

)";

constexpr std::string_view chapters = R"(
## Times of `cron`

They are times of the wall clock, in the time zone of Saker. When the clocks
change, a time with a fixed hour and minute comes once a day: if it does not
exist, in the moment in which the clocks go forward; if it exists twice, the
first time. Where hour or minute begin with `*`, times are as the clock shows
them: what does not exist is left out, what exists twice comes twice.

If somebody sets the clock forward over one or more times, there is one run, at
once. If it is set back by less than three hours, no time comes twice; by more,
the schedule is looked at anew. Saker looks at the clock once a minute.

## Hooks

`before`, `after` and `on_failed` run as the user of the service, in its
directory, with its environment and limits, one command after the other. Their
output, and that of commands in `stop` and `reload`, stands in the log of the
service and comes on its channel, line by line as `[before] …`: of each command
at most 1 MiB. They end with Saker; an `after` that was interrupted by the death
of the node is run again. A URL in place of commands of `on_failed` gets what
subscribers of `saker:<node>:<instance>:failed` get, from Saker itself;
redirections are not followed, and an answer other than 2xx, or none, is told in
the log.
)";

} // namespace

bool has_value(const definition_manual_row& x) {
  constexpr std::string_view prose[] = {"required",
                                        "none",
                                        "all",
                                        "Saker's own",
                                        "those of the user",
                                        "0 if allowed",
                                        "one, without a number"};
  return std::find(std::begin(prose), std::end(prose), x.otherwise)
         == std::end(prose);
}

const std::vector<definition_manual_row>& definition_manual() {
  static const std::vector<definition_manual_row> rows = {
    {"exec", "required", restart,
     "The program and its arguments. A text is run by `/bin/sh -c`, with a "
     "warning. Without a slash it is searched in the PATH of the child.",
     R"(exec = {"./api", "--port", "800{i}"})"},
    {"count", "one, without a number", live,
     "How many instances there are: `name:0`, `name:1`… `{i}` in the texts of "
     "other keys is the number of the instance.",
     "count = 4"},
    {"autostart", "true", live,
     "Is it started when Saker starts? SVSTART and SVSTOP are remembered and "
     "win.",
     "autostart = false"},
    {"groups", "none", live,
     "Groups of services: `%front` in commands means all of that group.",
     R"(groups = {"front"})"},
    {"every", "none", live,
     "Starts it again so long after its last start. A run that ends with 0 is "
     "over and waits; other ends follow `exit`. The first run is at once.",
     R"(every = "5m")"},
    {"cron", "none", live,
     "Starts it at times of the wall clock: minute, hour, day of the month, "
     "month, day of the week. SVSTART runs it now.",
     R"(cron = "30 4 * * mon-fri")"},
    {"overlap", R"("skip")", live,
     "If it still runs when its time comes: `skip` that time, `queue` one run "
     "for after its end, `kill` it and start anew.",
     R"(every = "1m", overlap = "queue")"},
    {"dir", R"("/")", restart, "Where it runs.", R"(dir = "/srv/api")"},
    {"user", "Saker's own", restart, "Whom it runs as; only root may say so.",
     R"(user = "www-data")"},
    {"supplementary_groups", "those of the user", restart,
     "Groups of the operating system; only root may say so.",
     R"(supplementary_groups = {"adm"})"},
    {"umask", R"("022")", restart, "Octal, as a text.", R"(umask = "077")"},
    {"stdin", R"("/dev/null")", restart,
     "A file that it reads, opened with the rights of its user.",
     R"(stdin = "/srv/api/input")"},
    {"inherit_env", R"({"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG"})",
     restart,
     "Which variables of Saker's own environment it gets: names, `true` for "
     "all, `false` for none.",
     R"(inherit_env = {"PATH", "LANG"})"},
    {"env", "none", restart, "Its variables; they win over inherited ones.",
     R"(env = {PORT = "800{i}"})"},
    {"env_file", "none", restart,
     "Files of variables, as systemd's EnvironmentFile; read when the "
     "definition is loaded or applied. They win over `env`, later ones over "
     "earlier ones; with `-` in front a file may be missing. Nobody else may "
     "be "
     "able to change them.",
     R"(env_file = {"/etc/api.env", "-/etc/api.local"})"},
    {"limits", "Saker's own", restart,
     "Resource limits by their names in setrlimit(2): one number for both, or "
     "`soft:hard`, or `unlimited`; sizes and times with units.",
     R"(limits = {nofile = 65536, core = "0:unlimited", cpu = "1h"})"},
    {"nice", "0", restart, "Priority, -20 to 19; below 0 needs CAP_SYS_NICE.",
     "nice = 10"},
    {"oom", "0 if allowed", restart,
     "oom_score_adj, -1000 to 1000; lowering needs CAP_SYS_RESOURCE.",
     "oom = 500"},
    {"cpus", "all", restart, "The CPUs on which it may run.",
     R"(cpus = "0-3,8")"},
    {"no_new_privs", "false", restart,
     "No setuid program gives it more rights.", "no_new_privs = true"},
    {"listen", "none", restart,
     "Sockets that Saker holds over all restarts: 3, 4… of the child, with "
     "LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID as from systemd. At most 7, "
     "`127.0.0.1:80`, `[::1]:80`, `*:80` or `unix:/a/path` with `mode`, "
     "`group`, `backlog`. Closed when it is stopped, done or failed.",
     R"(listen = {http = "127.0.0.1:8080", admin = {"unix:/run/a.sock", mode = "0600"}})"},
    {"pidfile", "none", restart, "Written and locked for it by Saker.",
     R"(pidfile = "/run/api-{i}.pid")"},
    {"daemon", "none", restart,
     "It goes into the background: how its process is found, by `pidfile` or "
     "by `match`. Whom a pidfile names must fit `match` beside it; without "
     "one he must show the command line of `exec`, or descend from it.",
     R"(daemon = {pidfile = "/run/nginx.pid"})"},
    {"match", "none", restart,
     "RE2 that its command line should match; a warning if it does not.",
     R"(match = "^nginx: master")"},
    {"start_timeout", R"("30s")", live,
     "How long a start may take until the program runs.",
     R"(start_timeout = "5s")"},
    {"before", "none", live,
     "Commands before each start, as its user; all must succeed `within` 30 s, "
     "else the start has failed, as `exit` says of that exit code. No order of "
     "services: that will be `needs`.",
     R"(before = {{"mkdir", "-p", "/tmp/api"}, "rm -f /tmp/api/*", within = "10s"})"},
    {"after", "none", live,
     "Commands after each end and each failed start; what comes next waits for "
     "them, `within` 30 s at most. SAKER_CAUSE, SAKER_CODE, SAKER_SIGNAL, "
     "SAKER_REASON tell how it ended. No order of services: that will be "
     "`needs`.",
     R"(after = {"rm", "-rf", "/tmp/api"})"},
    {"ready", R"(up("0s"))", live, "When it counts as ready.",
     R"(ready = up("0s"))"},
    {"exit", R"({["*"] = "restart", exec = "fatal"})", live,
     "What an end leads to: by exit code, signal, `exec unready unhealthy oom "
     "timeout unknown lost` or `*`; `restart done fatal shutdown`.",
     R"(exit = {[0] = "done", [78] = "fatal", SIGSEGV = {"restart", after = "5s"}})"},
    {"restart", R"("permanent")", live,
     "Short for `exit`: `permanent`, `transient` (0 is done), `temporary` "
     "(every end is done).",
     R"(restart = "transient")"},
    {"budget", R"("5/30s")", live,
     "How many unexpected ends there may be in a time; `false`: any number.",
     R"(budget = "10/1m")"},
    {"spent", R"({"rest", "5m"})", live,
     "What a spent budget leads to: a rest, then one try; or `fatal`.",
     R"(spent = {"rest", "1h"})"},
    {"backoff", R"({"200ms", "60s", x = 2, jitter = 0.25, reset = "10m"})",
     live, "How long to wait before a restart; the first one is at once.",
     R"(backoff = {"100ms", "10s"})"},
    {"policy", "none", live,
     "`exit`, `restart`, `budget`, `spent` and `backoff` for several services.",
     R"(policy = policy {budget = "10/1m"})"},
    {"max_age", "none", live,
     "A child that is older is stopped and started anew, up to `jitter` of "
     "that "
     "time later. No budget is spent for it.",
     R"(max_age = {"24h", jitter = 0.1})"},
    {"stop", R"("TERM 10s KILL")", live,
     "How it is asked to end: signals and waits, or a command.",
     R"(stop = "INT 5s TERM 5s KILL")"},
    {"kill", R"("tree")", live,
     "Who gets these signals: all that it started, or the `leader` alone.",
     R"(kill = "leader")"},
    {"reload", "none", live,
     "How it reloads itself: a signal, or a command; for SVRELOAD.",
     R"(reload = "HUP")"},
    {"on_failed", "none", live,
     "A command once it has failed. Beside the variables of `after` it is told "
     "SAKER_NAME, SAKER_NODE and SAKER_LAST_LINE, its last output. Or a URL, "
     "`\"http://127.0.0.1:8080/failed\"`, that gets the event as JSON by POST "
     "within 10 s; with `https://` the certificate has to be one that this "
     "machine believes.",
     R"(on_failed = {"logger", "-t", "saker", "failed"})"},
    {"log", R"({size = "10M", keep = 5, split = false, full = "drop"})", live,
     "Its output, by default in `<state>/log/<name>.log`; `false`: none. "
     "A program that keeps its lines back in a pipe shows them late: "
     "`env = {PYTHONUNBUFFERED = \"1\"}`, or `stdbuf -oL` before it. "
     "`split` gives stderr a file of its own (restart); when a disk hangs, "
     "`full` says whether output is dropped or the child has to wait "
     "(`block`).",
     R"(log = {file = "/var/log/api-{i}.log", size = "1M", keep = 2})"},
  };
  return rows;
}

std::string definition_manual_text() {
  std::string result{intro};
  result += "| key | otherwise | change | meaning | example |\n"
            "|---|---|---|---|---|\n";
  for (auto& x : definition_manual())
    result += "| `" + x.key + "` | "
              + (has_value(x) ? '`' + escaped(x.otherwise) + '`' : x.otherwise)
              + " | " + (x.restarts ? "restart" : "live") + " | "
              + escaped(x.meaning) + " | `" + escaped(x.example) + "` |\n";
  return result + std::string{chapters};
}

} // namespace saker::lua

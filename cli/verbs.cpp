#include "cli/verbs.hpp"

namespace saker::cli {

namespace {

constexpr std::string_view looking = "Look";
constexpr std::string_view act = "Act on services";
constexpr std::string_view change = "Change definitions";
constexpr std::string_view run = "Saker itself";

constexpr std::string_view about_names
  = "NAME is a name or a pattern as in Redis: web, web:0, w*. Quote the "
    "asterisk.";

constexpr std::string_view about_outcome
  = "MASK is a name or a pattern as in Redis: web, web:0, w*. Quote the "
    "asterisk. %front is a group.\n"
    "Prints a line for each instance. Exit status: 0 all done, 1 one was not.";

constexpr std::string_view about_status
  = "MASK is a name or a pattern as in Redis: web, web:0, w*. Quote the "
    "asterisk. Without one: all.\n"
    "A terminal that is too narrow loses columns in this order: NODE MEM CPU "
    "PID RST READY, LAST EXIT, SINCE, NEXT. A pipe gets everything, without "
    "colour. NO_COLOR=1 switches colours off.\n"
    "Exit status: 0 all is as wanted; 1 something failed, or should run and "
    "does not.";

// In the order of `verb`; a test compares.
constexpr verb_info all_verbs[] = {
  {verb::status, true, "status", looking, "SVSTATUS",
   "Show what services do, since when and what is next", about_status},
  {verb::why, true, "why", looking, "SVWHY",
   "Explain why a service is as it is", about_names},
  {verb::logs, true, "logs", looking, "SVLOG", "Show what services wrote",
   about_names},
  {verb::events, true, "events", looking, "PSUBSCRIBE",
   "Show what happens to services, as it happens",
   "A line for each event, until Ctrl-C. With --since it shows what has "
   "happened, and ends; with -f too it goes on and leaves nothing out. "
   "Events of scripts are not kept. One service: `saker life NAME`."},
  {verb::life, true, "life", looking, "SVLIFE",
   "Show what happened to services so far",
   "MASK is a name or a pattern as in Redis: web, web:0, w*. Quote the "
   "asterisk. The newest stands last."},
  {verb::config, true, "config", looking, "SVCONFIG",
   "Show the definition in force, with all defaults", about_names},
  {verb::nodes, true, "nodes", looking, "NODES",
   "List the nodes of the cluster", ""},
  {verb::start, true, "start", act, "SVSTART",
   "Start services; forget their failures", about_outcome},
  {verb::stop, true, "stop", act, "SVSTOP", "Stop services", about_outcome},
  {verb::restart, false, "restart", act, "SVRESTART", "Restart services",
   about_outcome},
  {verb::try_restart, false, "try-restart", act, "SVTRYRESTART",
   "Restart those services that run", about_outcome},
  {verb::reload, false, "reload", act, "SVRELOAD",
   "Make services reload themselves", about_outcome},
  {verb::signal, false, "signal", act, "SVSIGNAL", "Send a signal to services",
   about_outcome},
  {verb::wait, true, "wait", act, "SVWAIT", "Wait until services reach a state",
   "MASK is a name or a pattern as in Redis: web, web:0, w*. Quote the "
   "asterisk.\n"
   "Exit status: 0 all reached it, 1 the time is over. A service that fails is "
   "not\n"
   "waited for, one that is stopped or done is: somebody may start it."},
  {verb::pause, true, "pause", act, "SVPAUSE", "Hold the processes of services",
   about_outcome},
  {verb::cont, true, "cont", act, "SVCONT",
   "Let the processes of services go on", about_outcome},
  {verb::scale, true, "scale", act, "SVSCALE", "Change the number of instances",
   about_outcome},
  {verb::drop, false, "drop", act, "SVDROP",
   "Look after services no more; leave their processes alone", about_outcome},
  {verb::enable, true, "enable", act, "SVENABLE",
   "Start services when Saker starts", about_outcome},
  {verb::disable, true, "disable", act, "SVDISABLE",
   "Do not start services when Saker starts", about_outcome},
  {verb::reset, true, "reset", act, "SVRESET",
   "Forget failures; start what waits for its next try at once", about_outcome},
  {verb::svcheck, true, "svcheck", act, "SVCHECK",
   "Look at once whether services are as wanted", about_outcome},
  {verb::svrun, false, "svrun", act, "SVRUN",
   "Run a command as a service without a definition",
   "Its first 100 ms are waited for. What begins with a hyphen stands behind "
   "`--`: saker svrun job -- sleep --help. It is not started again; `saker "
   "stop NAME` ends it.\n"
   "Exit status: 0 it runs, 1 it does not."},
  {verb::plan, true, "plan", change, "SVPLAN", "Show what `apply` would change",
   ""},
  {verb::apply, false, "apply", change, "SVAPPLY",
   "Apply changed definitions; restart only what has to",
   "FILE is one of the directory of services; without one: all. A file with "
   "an error changes nothing.\n"
   "Exit status: 0 applied, 1 there are errors."},
  {verb::exec, false, "exec", run, "", "Send any command, as redis-cli does",
   "On a terminal replies are shown with their types, in a pipe they are "
   "bare.\n"
   "Exit status: 0 a reply, 1 an error."},
  {verb::passwd, true, "passwd", run, "",
   "Make the line of saker.toml for a password",
   "Asks twice without showing it; in a pipe it reads one line. Nothing is "
   "changed: put what it prints into saker.toml."},
  {verb::upgrade, false, "upgrade", run, "",
   "Replace the running programs (not available yet)", ""},
  {verb::shutdown, false, "shutdown", run, "SHUTDOWN",
   "Stop all services in order, then Saker",
   "Returns when Saker has ended; Ctrl-C leaves, and does not stop that."},
};

} // namespace

std::span<const verb_info> verbs() noexcept {
  return all_verbs;
}

const verb_info& info_of(verb x) noexcept {
  return all_verbs[static_cast<unsigned>(x)];
}

} // namespace saker::cli

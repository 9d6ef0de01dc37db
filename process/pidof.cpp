#include "process/pidof.hpp"

#include "base/text.hpp"
#include "process/account.hpp"
#include "process/name_matcher.hpp"
#include "process/named_process.hpp"
#include "process/proc_stat.hpp"
#include "process/proc_table.hpp"
#include "process/wait.hpp"

#include <unistd.h>

namespace saker::process {

namespace {

std::string name_of(const proc_entry& x) {
  return std::to_string(x.pid) + " (" + printable(x.comm, 20) + ")";
}

result<identity>
accept(const daemon_marks& marks, const named_process& named,
       const std::optional<name_matcher>& match, std::optional<uid_t> user) {
  auto refused = [&](const std::string& why) {
    return fail(errc::refused,
                to_string(named, marks.pidfile) + ", which " + why);
  };
  if (match && !match->matches(named.who))
    return refused("does not match \"" + printable(marks.match) + "\"");
  if (user && named.who.uid != *user)
    return refused("does not run as " + *marks.user);
  if (!match && !named.locked && named.younger)
    return refused("began after the file was written: it is another one");
  if (!named.trusted && !named.locked && !user && named.who.uid != named.owner)
    return refused("is not taken on the word of a file that others may write; "
                   "say user=, or let root alone write the file and its "
                   "directory");
  return named.id;
}

result<identity>
find_in_table(const name_matcher& match, std::optional<uid_t> user) {
  constexpr std::size_t most_shown = 8;
  auto found = find_processes(match, user);
  if (found.empty())
    return fail(errc::not_found,
                "no process matches \"" + printable(match.pattern()) + "\"");
  if (found.size() > 1) {
    std::string text = std::to_string(found.size()) + " processes match \""
                       + printable(match.pattern()) + "\":";
    for (std::size_t i = 0; i < found.size() && i < most_shown; ++i)
      text += (i == 0 ? " " : ", ") + name_of(found[i]);
    return fail(errc::refused, text + (found.size() > most_shown ? ", …" : "")
                                 + "; make the pattern narrower");
  }
  auto opened = open_process(found[0].pid);
  if (!opened)
    return opened.error();
  if (opened->who.start_time != found[0].start_time)
    return fail(errc::not_found,
                "process " + name_of(found[0]) + " has just ended");
  return opened->who;
}

} // namespace

result<identity> find_daemon(const daemon_marks& marks) {
  std::optional<uid_t> user;
  if (marks.user) {
    auto uid = find_uid(*marks.user);
    if (!uid)
      return uid.error();
    user = *uid;
  }
  std::optional<name_matcher> match;
  if (!marks.match.empty()) {
    auto compiled = name_matcher::compile(marks.match);
    if (!compiled)
      return compiled.error();
    match = std::move(*compiled);
  }
  if (marks.pidfile.empty())
    return match ? find_in_table(*match, user)
                 : fail(errc::invalid_argument, "neither pidfile nor match");
  auto named = process_named_by(marks.pidfile);
  if (!named)
    return named.error();
  return accept(marks, *named, match, user);
}

bool descends_from(pid_t pid, pid_t ancestor) {
  // A parent may end between two looks: then somebody else is it.
  constexpr int tries = 3;
  constexpr int most_generations = 1'000;
  for (auto i = 0; i < tries; ++i) {
    auto one = pid;
    for (auto k = 0; k < most_generations && one > 1; ++k) {
      auto kin = kinship_of(one);
      if (!kin)
        break;
      if (kin->parent == ancestor)
        return true;
      one = kin->parent;
    }
    if (one <= 1)
      break;
  }
  return false;
}

bool is_ours(pid_t pid) {
  return descends_from(pid, ::getppid()) || instance_of(pid).has_value();
}

result<void>
signal_pid(pid_t pid, int signal, std::optional<std::uint64_t> start_time) {
  auto refused = [&](const std::string& why) {
    return fail(errc::refused, "process " + std::to_string(pid) + " " + why);
  };
  if (pid <= 1)
    return refused("is never signalled: init and groups are taboo");
  if (pid == ::getpid() || pid == ::getppid())
    return refused("is Saker itself; SHUTDOWN ends it");
  auto opened = open_process(pid);
  if (!opened)
    return opened.error();
  if (start_time && opened->who.start_time != *start_time)
    return fail(errc::not_found, "process " + std::to_string(pid)
                                   + " has ended; another one has its pid now");
  auto stat = read_stat(pid);
  if (stat && stat->kernel_thread())
    return refused("is a thread of the kernel");
  return signal_process(opened->pidfd.get(), signal);
}

} // namespace saker::process

#include "process/pidof.hpp"

#include "base/text.hpp"
#include "process/account.hpp"
#include "process/name_matcher.hpp"
#include "process/pidfile.hpp"
#include "process/proc_stat.hpp"
#include "process/proc_table.hpp"
#include "process/wait.hpp"

#include <cerrno>
#include <chrono>
#include <ctime>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::process {

namespace {

using namespace std::chrono;

// What writes a pid for others before exec is as old as the file; ticks and
// the clocks of file systems are coarse.
constexpr auto coarse = seconds{2};

std::string name_of(const proc_entry& x) {
  return std::to_string(x.pid) + " (" + printable(x.comm, 20) + ")";
}

/// Whether the process began before the file was written. Wall clocks may be
/// set, so this is a reason to refuse a pid, never one to trust a file.
bool began_before_written(const identity& who, const std::string& pidfile) {
  struct stat about = {};
  timespec now = {};
  if (::lstat(pidfile.c_str(), &about) != 0
      || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0)
    return false;
  auto ticks = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  auto age = seconds{now.tv_sec} - seconds{who.start_time / ticks};
  auto unwritten = system_clock::now()
                   - system_clock::from_time_t(about.st_mtim.tv_sec);
  return age + coarse >= floor<seconds>(unwritten);
}

failure other_process(const proc_entry& who, const daemon_marks& marks,
                      const std::string& why) {
  return fail(errc::refused, printable(marks.pidfile) + ": process "
                               + name_of(who) + " " + why);
}

result<identity>
check_daemon(const daemon_marks& marks, const pidfile_content& file,
             const std::optional<name_matcher>& match,
             std::optional<uid_t> user) {
  auto opened = open_process(file.pid);
  if (!opened)
    return fail(opened.error().code,
                printable(marks.pidfile) + ": " + opened.error().detail);
  auto who = find_process(file.pid);
  // With its handle open: what /proc said was about the process we hold.
  if (!who || has_ended(opened->pidfd.get()))
    return fail(errc::not_found, printable(marks.pidfile) + ": no process "
                                   + std::to_string(file.pid));
  auto holder = lock_holder(marks.pidfile);
  auto locked = holder && *holder && **holder == file.pid;
  if (match && !match->matches(*who))
    return other_process(*who, marks,
                         "does not match \"" + printable(marks.match) + "\"");
  if (user && who->uid != *user)
    return other_process(*who, marks, "does not run as " + *marks.user);
  if (!match && !locked && !began_before_written(opened->who, marks.pidfile))
    return other_process(*who, marks,
                         "began after the file was written: it is another "
                         "one");
  if (!file.trusted && !locked && !user && who->uid != file.owner)
    return other_process(*who, marks,
                         "is not taken on the word of a file that others may "
                         "write; say user=, or let root alone write the file "
                         "and its directory");
  return opened->who;
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
  auto file = read_pidfile(marks.pidfile);
  if (!file)
    return file.error();
  return check_daemon(marks, *file, match, user);
}

bool is_ours(pid_t pid) {
  // A parent may end between two looks: then somebody else is it.
  constexpr int tries = 3;
  constexpr int most_generations = 1'000;
  for (auto i = 0; i < tries; ++i) {
    auto one = pid;
    for (auto k = 0; k < most_generations && one > 1; ++k) {
      auto kin = kinship_of(one);
      if (!kin)
        break;
      if (kin->parent == ::getppid())
        return true;
      one = kin->parent;
    }
    if (one <= 1)
      break;
  }
  return instance_of(pid).has_value();
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

#include "process/named_process.hpp"

#include "base/text.hpp"
#include "process/account.hpp"
#include "process/clock.hpp"
#include "process/pidfile.hpp"
#include "process/proc_stat.hpp"
#include "process/wait.hpp"

#include <chrono>

namespace saker::process {

namespace {

using namespace std::chrono;

/// Clocks of files are coarse.
constexpr auto clock_slack = seconds{1};

bool born_after(const identity& who, system_clock::time_point written) {
  auto age = read_clock(CLOCK_BOOTTIME) - since_boot(who.start_time);
  auto born = system_clock::now() - duration_cast<system_clock::duration>(age);
  return born > written + clock_slack;
}

} // namespace

result<named_process> process_named_by(const std::string& pidfile) {
  auto file = read_pidfile(pidfile);
  if (!file)
    return file.error();
  auto names = pidfile + " names pid " + std::to_string(file->pid);
  auto opened = open_process(file->pid);
  if (!opened && opened.error().code == errc::not_found)
    return fail(errc::not_found, names + ", and there is no such process");
  if (!opened)
    return fail(opened.error().code, pidfile + ": " + opened.error().detail);
  auto who = find_process(file->pid);
  // Alive now, so it is the one that was looked at.
  if (!who || has_ended(opened->pidfd.get()))
    return fail(errc::not_found, names + ", which has just ended");
  auto holder = lock_holder(pidfile);
  named_process x;
  x.id = opened->who;
  x.who = std::move(*who);
  x.trusted = file->trusted;
  x.owner = file->owner;
  x.locked = holder && *holder && **holder == file->pid;
  x.younger = born_after(x.id, file->written);
  return x;
}

std::string to_string(const named_process& x, const std::string& pidfile) {
  return pidfile + " names " + to_string(x.who);
}

std::string to_string(const proc_entry& x) {
  return "pid " + std::to_string(x.pid) + " (" + user_name(x.uid) + ": "
         + printable(x.cmdline.empty() ? x.comm : x.cmdline, 80) + ')';
}

} // namespace saker::process

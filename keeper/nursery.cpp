#include "keeper/nursery.hpp"

#include "keeper/clock.hpp"
#include "process/proc_table.hpp"
#include "process/spawn_fault.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <sys/syscall.h>
#include <unistd.h>

namespace saker::keeper {

using link::row_state;
using namespace std::chrono_literals;
using boost::asio::posix::stream_descriptor;

namespace {

constexpr unsigned whole_group = 1u << 2; // PIDFD_SIGNAL_PROCESS_GROUP, 6.9

/// How long the kernel may take to tell a stranger's exit status.
constexpr int status_tries = 100;
constexpr auto status_interval = 10ms;

bool cancels_start(int number) {
  return number == SIGKILL || number == SIGTERM || number == SIGINT
         || number == SIGQUIT || number == SIGABRT;
}

std::uint64_t ticks(stamp x) {
  static const auto per_second
    = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_CLK_TCK)));
  return static_cast<std::uint64_t>(x.count()) / (1'000'000'000 / per_second);
}

/// For tests: what shall go wrong between fork and exec.
std::string_view prescribed_fault() {
  static const auto text = std::getenv("SAKER_SPAWN_FAULT");
  return text ? text : std::string_view{};
}

/// By this the child, and what it leaves behind, is known to be ours.
void mark(process::spec& what, const process::instance_marker& x) {
  auto prefix = std::string{process::instance_variable} + '=';
  std::erase_if(what.env,
                [&](const std::string& y) { return y.starts_with(prefix); });
  what.env.push_back(process::to_string(x));
}

link::end_record record_of(const process::exit_status& x) {
  using kind = process::exit_status::kind;
  link::end_record out;
  out.kind = x.how == kind::exited     ? link::end_kind::exited
             : x.how == kind::signaled ? link::end_kind::signaled
                                       : link::end_kind::unknown;
  out.number = x.code;
  out.core = x.core;
  return out;
}

link::end_record
record_of(const process::spawn_failure& x, std::string_view step) {
  link::end_record out;
  out.kind = link::end_kind::failed;
  out.number = x.error;
  out.step = step.empty() ? process::to_string(x.step) : step;
  out.path = x.path.substr(0, 200);
  return out;
}

} // namespace

nursery::nursery(boost::asio::io_context& io, process::spawner& spawn,
                 table& rows, outputs& out, logger& log, events what)
  : io_(io), spawn_(spawn), rows_(rows), outputs_(out), log_(log),
    events_(std::move(what)),
    reaper_(io, {[this](auto& departure, auto killed, auto stuck) {
                   cleared_up(departure, killed, stuck);
                 },
                 [this](auto& departure, auto pid) {
                   tell_orphan(departure, pid);
                 }}) {
  // nop
}

// -- start --------------------------------------------------------------------

void nursery::enqueue(entry& row, process::spec what,
                      std::chrono::milliseconds start_timeout) {
  queue_.push_back({row.key, row.spawn_id, std::move(what), start_timeout});
  if (queue_.size() == 1)
    boost::asio::post(io_, [this] { fork_next(); });
}

void nursery::fork_next() {
  if (queue_.empty())
    return;
  auto next = std::move(queue_.front());
  queue_.pop_front();
  auto row = rows_.find(next.key);
  if (row && row->spawn_id == next.spawn_id && row->state == row_state::queued)
    fork(*row, std::move(next));
  if (!queue_.empty())
    boost::asio::post(io_, [this] { fork_next(); });
}

void nursery::fork(entry& row, waiting what) {
  mark(what.what, {row.key, row.spawn_id});
  // A job ends with the keeper, too; a service outlives everybody.
  if (row.kind == link::child_class::job)
    what.what.death_signal = SIGKILL;
  if (auto ready = outputs_.prepare(row.key, row.output, what.what); !ready) {
    log_.error(row.key + ": " + ready.error().detail);
    return fail_start(row,
                      {process::spawn_step::output, EIO, ready.error().detail});
  }
  auto fault = process::spawn_fault_for(what.what, prescribed_fault());
  auto started = spawn_.spawn(what.what, fault);
  if (!started)
    return fail_start(row, started.error());
  auto x = std::make_shared<child>(io_);
  x->spawn_id = row.spawn_id;
  x->pid = started->pid;
  x->pidfd.assign(started->pidfd.release());
  children_[row.key] = x;
  reaper_.track(x->pid);
  auto who = process::identify_child(x->pid);
  process::identity nameless;
  nameless.pid = x->pid;
  rows_.forked(row, who ? *who : nameless, boot_now());
  events_.changed();
  watch_setup(row.key, *x, std::move(started->report), what.start_timeout);
  watch_end(row.key, x);
}

void nursery::watch_setup(const std::string& key, child& x,
                          process::spawn_report report,
                          std::chrono::milliseconds limit) {
  x.setup = std::make_unique<birth>(
    io_, std::move(report), limit,
    [this, key](const process::spawn_progress& progress) {
      set_up(key, progress);
    });
}

void nursery::set_up(const std::string& key,
                     const process::spawn_progress& progress) {
  auto at = children_.find(key);
  auto row = rows_.find(key);
  if (at == children_.end() || !row || row->state != row_state::spawning)
    return;
  auto& x = *at->second;
  auto setup = std::move(x.setup);
  if (std::holds_alternative<process::spawn_done>(progress)) {
    rows_.confirmed(*row);
    events_.changed();
    events_.running(*row);
  } else if (auto why = std::get_if<process::spawn_failure>(&progress)) {
    x.failure = *why; // told when the child is reaped
  } else {
    auto& hangs = std::get<process::spawn_pending>(progress);
    x.failed_step = "timeout";
    x.failure = process::spawn_failure{
      hangs.step, ETIMEDOUT,
      std::string{process::to_string(hangs.step)} + ' ' + hangs.path};
    process::signal_process(x.pidfd.native_handle(), SIGKILL);
  }
}

void nursery::fail_start(entry& row, const process::spawn_failure& why) {
  finish(row, record_of(why, {}));
}

// -- signals ------------------------------------------------------------------

result<void> nursery::signal(entry& row, int number, bool group) {
  if (row.state == row_state::queued) {
    if (!cancels_start(number))
      return fail(errc::refused, row.key + " is not forked yet");
    auto record = record_of(process::spawn_failure{}, "cancelled");
    finish(row, std::move(record));
    return {};
  }
  auto x = find(row.key, row.spawn_id);
  if (!x || !row.living() || row.state == row_state::ending)
    return fail(errc::not_found, row.key + " has no living child");
  auto fd = x->pidfd.native_handle();
  if (!group)
    return process::signal_process(fd, number);
  if (::syscall(SYS_pidfd_send_signal, fd, number, nullptr, whole_group) == 0)
    return {};
  if (errno == ESRCH) // no group of its own yet
    return process::signal_process(fd, number);
  if (errno != EINVAL)
    return system_failure("signal", row.key, errno);
  // An older kernel. Our own child keeps the number of its group until it is
  // reaped; a stranger is asked right before.
  if (row.adopted && process::has_ended(fd))
    return fail(errc::not_found, row.key + " has no living child");
  auto sent = process::signal_group(x->pid, number);
  return sent ? sent : process::signal_process(fd, number);
}

// -- adoption -----------------------------------------------------------------

void nursery::adopt(entry& row, unique_fd pidfd) {
  auto x = std::make_shared<child>(io_);
  x->spawn_id = row.spawn_id;
  x->pid = row.who.pid;
  x->pidfd.assign(pidfd.release());
  children_[row.key] = x;
  watch_end(row.key, x);
}

void nursery::bury(entry& row) {
  auto x = std::make_shared<child>(io_);
  x->spawn_id = row.spawn_id;
  x->pid = 0; // what the record says was not proved: nobody is found by it
  x->end = record_of(process::exit_status::unknown());
  children_[row.key] = x;
  rows_.leader_ended(row);
  clear_up(row, *x);
}

// -- end ----------------------------------------------------------------------

void nursery::watch_end(const std::string& key, const child_ptr& x) {
  x->pidfd.async_wait(stream_descriptor::wait_read, [this, key, x](auto error) {
    auto row = rows_.find(key);
    if (error || !row || find(key, x->spawn_id) != x)
      return;
    if (row->adopted)
      stranger_ended(key, x, status_tries);
    else
      ended(*row, x);
  });
}

void nursery::ended(entry& row, const child_ptr& x) {
  auto status = process::peek(x->pidfd.native_handle());
  if (status && !*status)
    return watch_end(row.key, x);
  // Both may have come at once: what the report says happened first.
  if (x->setup) {
    auto progress = x->setup->read();
    if (std::holds_alternative<process::spawn_pending>(progress))
      progress = process::spawn_failure{};
    set_up(row.key, progress);
  }
  x->end = x->failure
             ? record_of(*x->failure, x->failed_step)
             : record_of(status ? **status : process::exit_status::unknown());
  // The leader is a zombie: nobody else can have its group.
  if (row.kill == link::kill_mode::tree)
    process::signal_group(x->pid, SIGKILL);
  rows_.leader_ended(row);
  events_.changed();
  clear_up(row, *x);
}

void nursery::stranger_ended(const std::string& key, const child_ptr& x,
                             int tries) {
  auto row = rows_.find(key);
  if (!row || find(key, x->spawn_id) != x)
    return;
  auto status = process::status_of_stranger(x->pidfd.native_handle());
  if (!status && tries > 0) {
    x->timer.expires_after(status_interval);
    x->timer.async_wait([this, key, x, tries](auto error) {
      if (!error)
        stranger_ended(key, x, tries - 1);
    });
    return;
  }
  x->end = record_of(status.value_or(process::exit_status::unknown()));
  rows_.leader_ended(*row);
  events_.changed();
  clear_up(*row, *x);
}

/// Lets the reaper look for what was left behind; cleared_up goes on.
void nursery::clear_up(entry& row, child& x) {
  x.end.ended = boot_now();
  reaper_.depart({row.key, row.spawn_id, x.pid,
                  row.kill == link::kill_mode::tree, row.adopted,
                  ticks(x.end.ended)});
}

void nursery::cleared_up(const reaper::departure& what, unsigned killed,
                         unsigned stuck) {
  auto row = rows_.find(what.key);
  auto x = find(what.key, what.spawn_id);
  if (!row || !x)
    return;
  if (stuck > 0)
    log_.error(what.key + ": " + std::to_string(stuck)
               + " left-behind processes do not die");
  auto how = std::move(x->end);
  how.orphans = killed;
  if (auto reaped = process::reap(x->pidfd.native_handle());
      !row->adopted && reaped && *reaped) {
    how.user = (*reaped)->used.user;
    how.system = (*reaped)->used.system;
    how.max_rss = (*reaped)->used.max_rss;
  }
  reaper_.untrack(x->pid);
  children_.erase(what.key);
  finish(*row, std::move(how));
}

void nursery::finish(entry& row, link::end_record how) {
  if (how.ended.count() == 0)
    how.ended = boot_now();
  auto key = row.key;
  auto kept = rows_.over(row, std::move(how));
  events_.changed();
  if (kept)
    return events_.over(row);
  outputs_.drop(key);
}

void nursery::tell_orphan(const reaper::departure& what, pid_t pid) {
  auto about = process::find_process(pid);
  events_.orphan(
    {what.key, what.spawn_id, pid,
     about
       ? (about->cmdline.empty() ? about->comm : about->cmdline).substr(0, 256)
       : std::string{}});
}

nursery::child_ptr
nursery::find(const std::string& key, std::uint64_t spawn_id) const {
  auto at = children_.find(key);
  return at != children_.end() && at->second->spawn_id == spawn_id ? at->second
                                                                   : nullptr;
}

} // namespace saker::keeper

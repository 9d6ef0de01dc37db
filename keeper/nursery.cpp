#include "keeper/nursery.hpp"

#include "keeper/clock.hpp"
#include "keeper/end_records.hpp"
#include "process/identity.hpp"
#include "process/proc_stat.hpp"
#include "process/spawn_fault.hpp"

#include <boost/asio/post.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <unordered_set>

#include <sys/syscall.h>
#include <unistd.h>

namespace saker::keeper {

using link::row_state;

namespace {

constexpr unsigned whole_group = 1u << 2; // PIDFD_SIGNAL_PROCESS_GROUP, 6.9

bool cancels_start(int number) {
  return number == SIGKILL || number == SIGTERM || number == SIGINT
         || number == SIGQUIT || number == SIGABRT;
}

/// For tests: what shall go wrong between fork and exec.
std::string_view prescribed_fault() {
  static const auto text = std::getenv("SAKER_SPAWN_FAULT");
  return text ? text : std::string_view{};
}

process::identity identify(pid_t pid) {
  if (auto who = process::identify_child(pid))
    return *who;
  process::identity nameless; // no /proc: a later keeper will not adopt it
  nameless.pid = pid;
  return nameless;
}

} // namespace

nursery::nursery(boost::asio::io_context& io, process::spawner& spawn,
                 const ownership& ours, table& rows, outputs& out, logger& log,
                 events what)
  : io_(io), spawn_(spawn), ours_(ours), rows_(rows), outputs_(out), log_(log),
    events_(std::move(what)),
    reaper_(io, ours,
            {[this](auto& departure, auto killed, auto stuck) {
               cleared_up(departure, killed, stuck);
             },
             [this](auto& departure, auto pid) { tell_orphan(departure, pid); },
             [this](auto pid) { tell_stray(pid); }}) {
  // nop
}

// -- start --------------------------------------------------------------------

void nursery::enqueue(entry& row, process::spec what,
                      std::chrono::milliseconds start_timeout,
                      std::vector<unique_fd> sockets) {
  queue_.push_back({row.key, row.spawn_id, std::move(what), start_timeout,
                    std::move(sockets)});
  if (queue_.size() == 1)
    boost::asio::post(io_, [this] { fork_next(); });
}

void nursery::fork_next() {
  auto next = std::move(queue_.front());
  queue_.pop_front();
  auto row = rows_.find(next.key); // it may have been cancelled
  if (row && row->spawn_id == next.spawn_id && row->state == row_state::queued)
    fork(*row, std::move(next));
  if (!queue_.empty())
    boost::asio::post(io_, [this] { fork_next(); });
  else
    queue_.shrink_to_fit();
}

void nursery::fork(entry& row, waiting what) {
  ours_.mark(what.what, {row.key, row.spawn_id},
             row.kill == link::kill_mode::leader);
  // A job ends with the keeper, too; a service outlives everybody.
  if (row.kind == link::child_class::job)
    what.what.death_signal = SIGKILL;
  for (auto& socket : what.sockets)
    what.what.fds.push_back(socket.get());
  what.what.listen_pid = !what.sockets.empty();
  errno = 0;
  if (auto ready = outputs_.prepare(row.key, row.output, what.what); !ready) {
    auto why = ready.error();
    auto error = why.code == errc::io && errno != 0 ? errno : EIO;
    return finish(
      row, record_of(process::spawn_failure{process::spawn_step::output, error,
                                            row.key, why.detail}));
  }
  auto fault = process::spawn_fault_for(what.what, prescribed_fault());
  auto started = spawn_.spawn(what.what, fault);
  if (!started)
    return finish(row, record_of(started.error()));
  rows_.forked(row, identify(started->pid), boot_now());
  events_.changed();
  auto x = add(row, started->pid, std::move(started->pidfd));
  reaper_.track(x->pid, ours_.family_of({row.key, row.spawn_id}));
  watch_setup(x, std::move(started->report), what.start_timeout);
  watch_end(x);
}

nursery::child_ptr nursery::add(entry& row, pid_t pid, unique_fd pidfd) {
  auto x = std::make_shared<child>(io_, row);
  x->pid = pid;
  if (pidfd)
    x->pidfd.assign(pidfd.release());
  children_[&row] = x;
  return x;
}

void nursery::watch_setup(const child_ptr& x, process::spawn_report report,
                          std::chrono::milliseconds limit) {
  auto tell = [this, x = std::weak_ptr{x}](auto& progress) {
    if (auto still = x.lock())
      set_up(*still, progress);
  };
  x->setup = std::make_unique<birth>(io_, std::move(report), limit, tell);
}

void nursery::set_up(child& x, const process::spawn_progress& progress) {
  if (!x.row || x.row->state != row_state::spawning)
    return;
  auto setup = std::move(x.setup);
  if (std::holds_alternative<process::spawn_done>(progress)) {
    rows_.confirmed(*x.row);
    events_.changed();
    return events_.running(*x.row);
  }
  // Told when the child is reaped.
  x.late = std::make_unique<aftermath>(io_);
  if (auto why = std::get_if<process::spawn_failure>(&progress)) {
    x.late->failure = *why;
    return;
  }
  auto& hangs = std::get<process::spawn_pending>(progress);
  x.late->step = "timeout";
  x.late->failure = process::spawn_failure{
    hangs.step, ETIMEDOUT,
    std::string{process::to_string(hangs.step)} + ' ' + hangs.path};
  process::signal_process(x.pidfd.native_handle(), SIGKILL);
}

// -- signals ------------------------------------------------------------------

result<void> nursery::signal(entry& row, int number, bool group) {
  if (row.state == row_state::queued) {
    if (!cancels_start(number))
      return fail(errc::refused, row.key + " is not forked yet");
    finish(row, record_of(process::spawn_failure{}, "cancelled"));
    return {};
  }
  if (row.state == row_state::seeking && cancels_start(number)) {
    give_up(row);
    return {};
  }
  auto x = find(row);
  if (!x || row.state == row_state::ending)
    return fail(errc::not_found, row.key + " has no living child");
  auto fd = x->pidfd.native_handle();
  if (!group)
    return process::signal_process(fd, number);
  auto sent = signal_group(*x, number);
  // Whoever is to be held, or to go on, is not looked for later, as those are
  // who are to end: so all are reached now.
  auto holds = number == SIGSTOP || number == SIGCONT;
  if (sent && holds && row.kill == link::kill_mode::tree)
    signal_family(*x, number);
  return sent;
}

result<void> nursery::signal_group(child& x, int number) {
  auto& row = *x.row;
  auto fd = x.pidfd.native_handle();
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
  auto sent = process::signal_group(x.pid, number);
  return sent ? sent : process::signal_process(fd, number);
}

/// Those that have left the group, too. Whoever forks meanwhile is stopped
/// itself; so a look that finds nobody new was the last one needed.
void nursery::signal_family(const child& x, int number) {
  constexpr int most_looks = 10;
  std::unordered_set<pid_t> reached{x.pid};
  for (auto i = 0; i < most_looks; ++i) {
    auto before = reached.size();
    for (auto& one : family_members(x))
      if (reached.insert(one.pid).second)
        if (auto who = process::open_process(one.pid);
            who && who->who.start_time == one.start_time)
          process::signal_process(who->pidfd.get(), number);
    if (reached.size() == before)
      return;
  }
}

/// Descendants, and those who came to us when their parents ended. Those of a
/// process of an earlier keeper may be anybody's children now.
std::vector<relation> nursery::family_members(const child& x) const {
  auto of = process::instance_marker{x.row->key, x.row->spawn_id};
  std::vector<relation> roots;
  auto add = [&](pid_t pid) {
    if (auto one = relation_of(pid))
      roots.push_back(*one);
    return true;
  };
  auto add_kin = [&](pid_t pid) {
    return pid == ::getpid() || reaper_.is_leader(pid) || !is_kin(of, pid)
           || add(pid);
  };
  add(x.pid);
  if (x.row->adopted || x.row->stranger)
    (void)process::each_number("/proc", add_kin);
  else
    for (auto pid : process::children())
      add_kin(pid);
  return descendants(roots, children_of);
}

// -- adoption -----------------------------------------------------------------

void nursery::take(entry& row, unique_fd pidfd) {
  auto known = find(row);
  if (known && known->pid == row.who.pid)
    return; // the program stayed where it was
  auto of = ours_.family_of({row.key, row.spawn_id});
  auto kin = process::kinship_of(row.who.pid);
  row.stranger = kin && kin->parent != ::getpid();
  reaper_.track(row.who.pid, of);
  reaper_.let_go(of);
  watch_end(add(row, row.who.pid, std::move(pidfd)));
}

bool nursery::is_kin(const process::instance_marker& x, pid_t pid) const {
  auto of = ours_.family_of(x);
  return ours_.heritage_of(pid).of == of || reaper_.known_family(pid) == of;
}

void nursery::give_up(entry& row) {
  clear_up(*add(row, 0, {}), row.end);
}

void nursery::adopt(entry& row, unique_fd pidfd) {
  watch_end(add(row, row.who.pid, std::move(pidfd)));
}

void nursery::bury(entry& row) {
  // What the record says was not proved: nobody is to be found by its pid.
  auto x = add(row, 0, {});
  clear_up(*x, record_of(process::exit_status::unknown()));
}

nursery::child_ptr nursery::find(const entry& row) const {
  auto at = children_.find(&row);
  return at == children_.end() ? nullptr : at->second;
}

} // namespace saker::keeper

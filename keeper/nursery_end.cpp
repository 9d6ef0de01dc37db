#include "keeper/clock.hpp"
#include "keeper/end_records.hpp"
#include "keeper/nursery.hpp"
#include "keeper/timer.hpp"
#include "process/proc_stat.hpp"
#include "process/proc_table.hpp"

#include <csignal>

#include <unistd.h>

namespace saker::keeper {

using namespace std::chrono_literals;

namespace {

/// How long the kernel may take to tell a stranger's exit status.
constexpr int status_tries = 100;
constexpr auto status_interval = 10ms;

constexpr auto background_limit = 10s;

/// The leader of a program that goes into the background ends soon, and says
/// that all is well.
bool went_to_background(const entry& row, const link::end_record& how) {
  return row.kind == link::child_class::service
         && how.kind == link::end_kind::exited && how.number == 0
         && how.ended - row.started < background_limit;
}

std::string command_of(pid_t pid) {
  auto about = process::find_process(pid);
  if (!about)
    return {};
  return (about->cmdline.empty() ? about->comm : about->cmdline).substr(0, 256);
}

/// A program that goes into the background has done so, or the process that it
/// went on as is gone: another one may have followed (nginx with a new binary).
bool may_go_on(const entry& row, const link::end_record& how) {
  if (row.kind != link::child_class::daemon)
    return false;
  if (row.state == link::row_state::running)
    return true;
  return row.state == link::row_state::spawning
         && (how.kind == link::end_kind::unknown
             || (how.kind == link::end_kind::exited && how.number == 0));
}

} // namespace

void nursery::watch_end(const child_ptr& x) {
  x->pidfd.async_wait(descriptor::wait_read, [this, x](auto error) {
    if (error || !x->row)
      return;
    // One that was found may have become our child, or not.
    auto ours = !x->row->adopted
                && (x->row->kind != link::child_class::daemon
                    || process::peek(x->pidfd.native_handle()));
    if (ours)
      ended(x);
    else
      stranger_ended(x, status_tries);
  });
}

void nursery::ended(const child_ptr& x) {
  auto status = process::peek(x->pidfd.native_handle());
  if (status && !*status)
    return watch_end(x);
  // Both may have come at once: what the report says happened first.
  if (x->setup) {
    auto progress = x->setup->read();
    if (std::holds_alternative<process::spawn_pending>(progress))
      progress = process::spawn_failure{};
    set_up(*x, progress);
  }
  auto failed = x->late && x->late->failure;
  leader_over(*x, failed ? record_of(*x->late->failure, x->late->step)
                         : record_of(status ? **status
                                            : process::exit_status::unknown()));
}

void nursery::stranger_ended(const child_ptr& x, int tries) {
  if (!x->row)
    return;
  auto status = process::status_of_stranger(x->pidfd.native_handle());
  if (status || tries == 0)
    return leader_over(
      *x, record_of(status.value_or(process::exit_status::unknown())));
  if (!x->late)
    x->late = std::make_unique<aftermath>(io_);
  call_after(x->late->timer, status_interval,
             [this, x, tries] { stranger_ended(x, tries - 1); });
}

void nursery::leader_over(child& x, link::end_record how) {
  how.ended = boot_now();
  if (may_go_on(*x.row, how))
    return leave(x, std::move(how));
  // Our own child is a zombie by now: nobody else can have its group. A
  // process of others may be reaped already, and its number given away.
  if (x.row->kill == link::kill_mode::tree && !x.row->adopted
      && !x.row->stranger)
    process::signal_group(x.pid, SIGKILL);
  clear_up(x, std::move(how));
}

/// Nothing of its family is touched before the node has looked for the process
/// that goes on.
void nursery::leave(child& x, link::end_record how) {
  auto& row = *x.row;
  take_usage(x, how);
  reaper_.hold(ours_.family_of({row.key, row.spawn_id}));
  reaper_.untrack(x.pid);
  x.row = nullptr;
  children_.erase(&row);
  rows_.left(row, std::move(how));
  events_.changed();
  events_.left(row);
}

/// Reaps our own child.
void nursery::take_usage(child& x, link::end_record& how) {
  if (x.row->adopted || !x.pidfd.is_open())
    return;
  auto reaped = process::reap(x.pidfd.native_handle());
  if (!reaped || !*reaped)
    return;
  how.user = (*reaped)->used.user;
  how.system = (*reaped)->used.system;
  how.max_rss = (*reaped)->used.max_rss;
}

/// Lets the reaper look for what was left behind; cleared_up goes on.
void nursery::clear_up(child& x, link::end_record how) {
  auto& row = *x.row;
  if (!x.late)
    x.late = std::make_unique<aftermath>(io_);
  departure gone{row.key, row.spawn_id};
  gone.of = ours_.family_of({row.key, row.spawn_id});
  gone.leader = x.pid;
  // A daemon's process whose end was seen: what it left is in its session.
  if (row.state == link::row_state::seeking && how.ended.count() > 0)
    gone.leader = row.who.pid;
  if (how.ended.count() == 0)
    how.ended = boot_now();
  x.late->end = std::move(how);
  rows_.leader_ended(row);
  events_.changed();
  gone.kill = row.kill == link::kill_mode::tree;
  gone.stranger = row.adopted || row.stranger;
  gone.background = went_to_background(row, x.late->end);
  gone.started = row.who.start_time;
  gone.ended = process::ticks_since_boot(x.late->end.ended);
  reaper_.depart(std::move(gone));
}

void nursery::cleared_up(const departure& what, unsigned killed,
                         unsigned stuck) {
  auto row = rows_.find(what.key);
  auto x = row ? find(*row) : nullptr;
  if (!x || row->spawn_id != what.spawn_id)
    return;
  if (stuck > 0)
    log_.error(what.key + ": " + std::to_string(stuck)
               + " left-behind processes do not die");
  auto how = std::move(x->late->end);
  how.orphans = killed;
  take_usage(*x, how);
  reaper_.untrack(x->pid);
  reaper_.let_go(what.of);
  x->row = nullptr;
  children_.erase(row);
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
  events_.gone();
}

void nursery::tell_orphan(const departure& what, pid_t pid) {
  events_.orphan({what.key, what.spawn_id, pid, command_of(pid)});
}

void nursery::tell_stray(pid_t pid) {
  log_.warning("pid " + std::to_string(pid) + " (" + command_of(pid)
               + ") became a child of Saker, of no service that lives: it is "
                 "killed when Saker ends; a program that goes into the "
                 "background needs its foreground option");
}

} // namespace saker::keeper

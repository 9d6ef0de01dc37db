#include "keeper/reaper.hpp"

#include "keeper/clock.hpp"
#include "process/identity.hpp"
#include "process/proc_stat.hpp"
#include "process/proc_table.hpp"
#include "process/wait.hpp"

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

namespace saker::keeper {

using namespace std::chrono_literals;

namespace {

/// How long processes that were killed may take to disappear.
constexpr auto patience = 2s;

/// A zombie that somebody waits for hides the ones behind it.
constexpr auto second_look = 50ms;

} // namespace

reaper::reaper(boost::asio::io_context& io, const ownership& ours, events what)
  : ours_(ours), events_(std::move(what)), signals_(io), check_timer_(io),
    sweep_timer_(io) {
  // nop
}

void reaper::start() {
  signals_.add(SIGCHLD);
  on_sigchld();
}

void reaper::depart(departure what) {
  searches_.push_back({std::move(what), steady_now() + patience, {}, 0, 0});
  sweep_in(0ns);
}

// -- events -------------------------------------------------------------------

void reaper::on_sigchld() {
  signals_.async_wait([this](auto error, int) {
    if (error)
      return;
    check();
    if (!searches_.empty())
      sweep_in(0ns);
    on_sigchld();
  });
}

/// Buries what nobody waits for. Stops at a child that somebody will reap
/// soon, and looks again.
void reaper::check() {
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0
        || info.si_pid == 0)
      return;
    if (tracked_.count(info.si_pid) == 0) {
      bury(info.si_pid);
      continue;
    }
    check_timer_.expires_after(second_look);
    check_timer_.async_wait([this](auto error) {
      if (!error)
        sweep_in(0ns);
    });
    return;
  }
}

void reaper::sweep_in(std::chrono::nanoseconds delay) {
  auto at = std::max(steady_now() + delay, next_sweep_);
  if (planned_ > 0ns && planned_ <= at)
    return;
  planned_ = at;
  sweep_timer_.expires_after(at - steady_now()); // cancels the one before
  sweep_timer_.async_wait([this](auto error) {
    if (error)
      return;
    planned_ = 0ns;
    sweep();
  });
}

void reaper::sweep() {
  auto began = steady_now();
  auto strangers = false;
  for (auto& x : searches_) {
    x.alive = 0;
    strangers = strangers || x.what.stranger;
  }
  for (auto pid : process::children())
    if (tracked_.count(pid) == 0)
      visit_child(pid);
  if (strangers)
    process::each_process([&](const process::proc_entry& x) {
      if (!x.kernel && x.state != 'Z' && x.pid != ::getpid()
          && tracked_.count(x.pid) == 0 && x.parent != ::getpid())
        visit_stranger(x);
      return true;
    });
  settle();
  auto now = steady_now();
  next_sweep_ = now + 4 * (now - began);
  if (!searches_.empty())
    sweep_in(20ms);
}

// -- helpers ------------------------------------------------------------------

void reaper::visit_child(pid_t pid) {
  if (auto stat = process::read_stat(pid); !stat || stat->state == 'Z')
    return bury(pid);
  // A child keeps its pid until we reap it, so it cannot be confused.
  if (auto x = owner_of(pid))
    found(*x, pid);
}

void reaper::visit_stranger(const process::proc_entry& seen) {
  auto claim = ours_.claim_of(seen.pid);
  for (auto& x : searches_) {
    if (!x.what.stranger)
      continue;
    // Nobody can have joined that session after the leader's end.
    auto stat = process::read_stat(seen.pid);
    auto same_session = x.what.leader > 0 && stat
                        && stat->session == x.what.leader
                        && stat->start_time <= x.what.ended;
    if (same_session || (claim && claim->is(x.what.key, x.what.spawn_id)))
      found(x, seen.pid);
  }
}

void reaper::found(search& x, pid_t pid) {
  auto first = x.found.insert(pid).second;
  if (!x.what.kill) {
    if (first)
      events_.orphan(x.what, pid);
    return;
  }
  ++x.alive;
  auto who = process::open_process(pid);
  if (!who)
    return;
  process::signal_process(who->pidfd.get(), SIGKILL);
  if (first)
    ++x.killed;
}

/// Reaps a child that nobody waits for.
void reaper::bury(pid_t pid) {
  auto owner = owner_of(pid);
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG) != 0
      || info.si_pid == 0)
    return;
  // Killed with the group of its leader, before it was seen here.
  if (owner && owner->what.kill && owner->found.insert(pid).second
      && info.si_code == CLD_KILLED && info.si_status == SIGKILL)
    ++owner->killed;
}

reaper::search* reaper::owner_of(pid_t pid) {
  if (searches_.empty())
    return nullptr;
  auto kin = process::kinship_of(pid);
  auto claim = ours_.claim_of(pid);
  for (auto& x : searches_) {
    auto same_session = x.what.leader > 0 && kin
                        && kin->session == x.what.leader;
    if (same_session || x.found.count(pid) > 0
        || (claim && claim->is(x.what.key, x.what.spawn_id)))
      return &x;
  }
  return nullptr;
}

void reaper::settle() {
  for (auto at = searches_.begin(); at != searches_.end();) {
    if (at->alive > 0 && steady_now() < at->until) {
      ++at;
      continue;
    }
    auto over = std::move(*at);
    at = searches_.erase(at);
    events_.done(over.what, over.killed, over.alive);
  }
}

} // namespace saker::keeper

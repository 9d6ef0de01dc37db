#include "keeper/reaper.hpp"

#include "keeper/clock.hpp"
#include "keeper/timer.hpp"
#include "process/identity.hpp"
#include "process/wait.hpp"

#include <algorithm>
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

/// A program that is just being replaced by another one shows neither
/// environment, so who says nothing is asked twice.
constexpr unsigned looks_needed = 2;

/// Before it is told that somebody belongs to nobody: most such are short.
constexpr auto stray_patience = 1s;

} // namespace

reaper::reaper(boost::asio::io_context& io, const ownership& ours, events what)
  : ours_(ours), events_(std::move(what)), signals_(io), check_timer_(io),
    sweep_timer_(io) {
  // nop
}

void reaper::start() {
  for (auto pid : process::children())
    kin_.meet(pid, steady_now()).spared = true;
  signals_.add(SIGCHLD);
  on_sigchld();
}

void reaper::depart(departure what) {
  searches_.emplace_back(std::move(what), steady_now() + patience);
  sweep_in(0ns);
}

void reaper::clear_out(std::function<void()> done) {
  if (last_)
    return;
  cleared_out_ = std::move(done);
  last_.emplace(departure{}, steady_now() + patience);
  sweep_in(0ns);
}

// -- events -------------------------------------------------------------------

void reaper::on_sigchld() {
  signals_.async_wait([this](auto error, int) {
    if (error)
      return;
    check();
    if (!searches_.empty() || last_)
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
    if (!kin_.is_leader(info.si_pid)) {
      bury(info.si_pid);
      continue;
    }
    call_after(check_timer_, second_look, [this] { sweep_in(0ns); });
    return;
  }
}

void reaper::sweep_in(std::chrono::nanoseconds delay) {
  auto at = std::max(steady_now() + delay, next_sweep_);
  if (planned_ > 0ns && planned_ <= at)
    return;
  planned_ = at;
  call_after(sweep_timer_, at - steady_now(), [this] {
    planned_ = 0ns;
    sweep();
  });
}

void reaper::sweep() {
  auto began = steady_now();
  look_again_ = false;
  auto strangers = false;
  for (auto& x : searches_) {
    x.begin_sweep();
    strangers = strangers || x.what().stranger;
  }
  if (last_)
    last_->begin_sweep();
  for (auto pid : process::children())
    if (!kin_.is_leader(pid))
      visit_child(pid);
  if (strangers)
    process::each_process([&](const process::proc_entry& x) {
      if (!x.kernel && x.state != 'Z' && x.pid != ::getpid()
          && !kin_.is_leader(x.pid) && x.parent != ::getpid())
        visit_stranger(x);
      return true;
    });
  auto now = steady_now();
  next_sweep_ = now + 4 * (now - began);
  if (look_again_)
    sweep_in(stray_patience);
  settle();
}

void reaper::settle() {
  auto now = steady_now();
  for (auto at = searches_.begin(); at != searches_.end();) {
    if (!at->over(now)) {
      sweep_in(at->alive() > 0 ? 20ms : 0ms);
      ++at;
      continue;
    }
    auto over = std::move(*at);
    at = searches_.erase(at);
    events_.done(over.what(), over.killed(), over.alive());
  }
  if (!last_)
    return;
  if (!last_->over(now))
    return sweep_in(last_->alive() > 0 ? 20ms : 0ms);
  if (auto done = std::exchange(cleared_out_, {}))
    done();
}

// -- children -----------------------------------------------------------------

void reaper::visit_child(pid_t pid) {
  auto about = process::read_stat(pid);
  if (!about || about->state == 'Z')
    return bury(pid);
  auto& x = look_at(pid, *about);
  if (auto search = search_of(x.of)) {
    found(*search, pid);
    x.spared = x.spared || !search->what().kill;
  } else if (!x.spared && !kin_.lives(x.of)) {
    belongs_to_nobody(x, pid);
  }
}

/// Whose it is, found out once.
lineage::relative& reaper::look_at(pid_t pid, const process::proc_stat& about) {
  auto& x = kin_.meet(pid, steady_now());
  if (x.of != 0 || x.spared)
    return x;
  if (x.looks <= looks_needed) {
    auto heritage = ours_.heritage_of(pid);
    x.of = family_of(heritage.of, about.session);
    x.spared = heritage.spared;
  }
  if (x.of == 0 && x.looks < looks_needed)
    doubt_all();
  else if (x.of == 0)
    x.of = explain(about.start_time);
  return x;
}

/// What was inherited may be of a family that is gone, or of another keeper.
family reaper::family_of(family inherited, pid_t session) const {
  if (kin_.lives(inherited))
    return inherited;
  for (auto& x : searches_)
    if (x.what().of == inherited || x.has_session(session))
      return x.what().of;
  auto kin = kin_.of_session(session);
  return kin != 0 ? kin : inherited;
}

/// By elimination, for those who inherited nothing that is left.
family reaper::explain(std::uint64_t started) const {
  family found = 0;
  for (auto& search : searches_)
    if (search.explains(started)) {
      if (found != 0)
        return 0;
      found = search.what().of;
    }
  return found;
}

void reaper::belongs_to_nobody(lineage::relative& x, pid_t pid) {
  if (!last_ && steady_now() - x.met < stray_patience) {
    look_again_ = true;
    return;
  }
  if (!std::exchange(x.told, true))
    events_.stray(pid);
  if (last_)
    found(*last_, pid);
}

/// Reaps a child that nobody waits for.
void reaper::bury(pid_t pid) {
  auto searching = !searches_.empty() || last_;
  auto known = kin_.find(pid);
  auto of = known ? known->of : family{0};
  if (of == 0 && searching)
    if (auto about = process::read_stat(pid))
      of = family_of(ours_.heritage_of(pid).of, about->session);
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG) != 0
      || info.si_pid == 0)
    return;
  kin_.forget(pid);
  auto by_us = info.si_code == CLD_KILLED && info.si_status == SIGKILL;
  if (auto search = search_of(of))
    search->bury(pid, by_us);
  else if (!kin_.lives(of))
    doubt_all();
}

// -- strangers ----------------------------------------------------------------

void reaper::visit_stranger(const process::proc_entry& seen) {
  for (auto& x : searches_)
    if (x.what().stranger && is_one_of(x, seen))
      found(x, seen.pid);
}

bool reaper::is_one_of(const search& x, const process::proc_entry& seen) const {
  if (ours_.heritage_of(seen.pid).of == x.what().of)
    return true;
  // Nobody can have joined that session after the leader's end.
  auto kin = process::kinship_of(seen.pid);
  return x.what().leader > 0 && kin && kin->session == x.what().leader
         && seen.start_time <= x.what().ended;
}

// -- helpers ------------------------------------------------------------------

void reaper::found(search& x, pid_t pid) {
  auto first = x.meet(pid);
  if (!x.what().kill) {
    if (first)
      events_.orphan(x.what(), pid);
    return;
  }
  // A child keeps its pid until we reap it, so it cannot be confused; of
  // another process the handle proves that it still lives.
  if (auto who = process::open_process(pid))
    process::signal_process(who->pidfd.get(), SIGKILL);
}

search* reaper::search_of(family of) {
  auto at = std::find_if(searches_.begin(), searches_.end(),
                         [&](auto& x) { return of != 0 && x.what().of == of; });
  return at == searches_.end() ? nullptr : &*at;
}

void reaper::doubt_all() {
  for (auto& x : searches_)
    x.doubt();
  if (last_)
    last_->doubt();
}

} // namespace saker::keeper

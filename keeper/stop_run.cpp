#include "keeper/stop_run.hpp"

#include "keeper/clock.hpp"
#include "keeper/timer.hpp"

#include <algorithm>
#include <csignal>
#include <vector>

namespace saker::keeper {

using namespace std::chrono_literals;

namespace {

constexpr auto longest_ladder = 60s;

/// How long a process may take to die of KILL before nobody waits for it.
constexpr auto last_wait = 5s;

} // namespace

// -- descent ------------------------------------------------------------------

descent::descent(const std::string& text, stamp now)
  : next_(now), last_(now + longest_ladder) {
  auto parsed = process::parse_ladder(text);
  rungs_ = parsed ? *parsed : *process::parse_ladder("TERM 10s KILL");
}

int descent::due(stamp now) {
  if (at_ < rungs_.size() && now >= last_)
    at_ = rungs_.size();
  if (at_ < rungs_.size()) {
    if (now < next_)
      return 0;
    auto& rung = rungs_[at_++];
    next_ = now + rung.wait;
    if (rung.signal == SIGKILL)
      last_ = stamp::max();
    return rung.signal;
  }
  if (now < last_)
    return 0;
  last_ = stamp::max();
  return SIGKILL;
}

std::optional<stamp> descent::next() const noexcept {
  if (at_ < rungs_.size())
    return std::min(next_, last_);
  if (last_ == stamp::max())
    return std::nullopt;
  return last_;
}

void descent::compress(stamp now) {
  at_ = rungs_.size();
  last_ = now;
}

// -- stop_run -----------------------------------------------------------------

stop_run::stop_run(boost::asio::io_context& io, table& rows, nursery& children,
                   logger& log, std::function<void()> done)
  : rows_(rows), children_(children), log_(log), done_(std::move(done)),
    timer_(io) {
  // nop
}

void stop_run::begin() {
  if (begun_)
    return;
  begun_ = true;
  auto now = steady_now();
  give_up_ = now + longest_ladder + last_wait;
  for (auto& [key, row] : rows_.all())
    if (row.living())
      descents_.emplace(key, descent{row.stop, now});
  tick();
}

void stop_run::compress() {
  auto now = steady_now();
  give_up_ = std::min(give_up_, now + last_wait);
  for (auto& [key, x] : descents_)
    x.compress(now);
  if (begun_)
    tick();
}

void stop_run::check() {
  if (begun_ && rows_.living() == 0)
    finish();
}

void stop_run::tick() {
  if (over_)
    return;
  auto now = steady_now();
  auto next = give_up_;
  for (auto& [key, x] : descents_) {
    // Sending may end a queued start, and erase its row.
    for (auto signal = x.due(now); signal != 0; signal = x.due(now))
      if (auto row = rows_.find(key); row && row->living())
        send(*row, signal);
    if (auto at = x.next())
      next = std::min(next, *at);
  }
  if (rows_.living() == 0)
    return finish();
  if (now >= give_up_) {
    log_.error(std::to_string(rows_.living())
               + " children do not die; they are left behind");
    return finish();
  }
  call_after(timer_, next - now, [this] { tick(); });
}

void stop_run::send(entry& row, int signal) {
  auto key = row.key;
  auto group = signal == SIGKILL && row.kill == link::kill_mode::tree;
  children_.signal(row, signal, group);
  if (!process::wants_continue(signal))
    return;
  if (auto same = rows_.find(key); same && same->living())
    children_.signal(*same, SIGCONT, false);
}

void stop_run::finish() {
  if (over_)
    return;
  over_ = true;
  timer_.cancel();
  done_();
}

} // namespace saker::keeper

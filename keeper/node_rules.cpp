#include "keeper/node_rules.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace saker::keeper {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kills_allowed = 20;
constexpr auto kill_window = 10s;
constexpr std::size_t faults_allowed = 3;
constexpr auto fault_window = 60s;
constexpr auto healthy_after = 10s;
constexpr node_rules::time first_delay = 100ms;
constexpr node_rules::time last_delay = 2s;

bool own_fault_signal(int number) {
  return number == SIGSEGV || number == SIGBUS || number == SIGFPE
         || number == SIGILL || number == SIGABRT || number == SIGSYS;
}

/// A start that no later start can improve: usage, configuration, a port or
/// lock that somebody else holds.
bool hopeless(const node_end& how) {
  return !how.signaled
         && (how.number == 2 || how.number == 3 || how.number == 78);
}

void forget_older(std::deque<node_rules::time>& times, node_rules::time limit) {
  while (!times.empty() && times.front() <= limit)
    times.pop_front();
}

} // namespace

void node_rules::ready(time now) noexcept {
  was_ever_ready_ = true;
  if (!ready_since_)
    ready_since_ = now;
}

void node_rules::hangs(time since) noexcept {
  if (!hangs_since_)
    hangs_since_ = since;
}

void node_rules::overlooks() noexcept {
  overlooks_ = true;
}

node_rules::verdict
node_rules::ended(const node_end& how, bool living, time now) {
  auto well_until = hangs_since_.value_or(now);
  if (ready_since_ && well_until - *ready_since_ >= healthy_after) {
    faults_.clear();
    backoff_ = 0ns;
    safe_mode_ = false;
  }
  ready_since_.reset();
  hangs_since_.reset();
  if (hopeless(how) && !was_ever_ready_ && !living)
    return {false, 0ns, how.number};
  auto overlooked = std::exchange(overlooks_, false);
  if (how.signaled && (overlooked || !own_fault_signal(how.number)))
    return foreign(now);
  return own_fault(now);
}

node_rules::verdict node_rules::foreign(time now) {
  forget_older(kills_, now - kill_window);
  if (kills_.size() >= kills_allowed)
    return {true, 1s};
  kills_.push_back(now);
  return {};
}

node_rules::verdict node_rules::own_fault(time now) {
  forget_older(faults_, now - fault_window);
  if (faults_.size() < faults_allowed)
    faults_.push_back(now);
  if (faults_.size() >= faults_allowed)
    safe_mode_ = true;
  backoff_ = std::clamp(backoff_ * 2, first_delay, last_delay);
  return {true, backoff_};
}

} // namespace saker::keeper

#include "cluster/membership.hpp"

#include <algorithm>

// Which address is dialled when.

namespace saker::cluster {

namespace {

using namespace std::chrono_literals;

supervision::backoff pauses() {
  supervision::backoff_rule rule;
  rule.first = 200ms;
  rule.cap = 5s;
  supervision::backoff x{rule};
  x.step(1); // never at once
  return x;
}

} // namespace

void membership::goal::begin_anew() {
  pause = pauses();
  reason.clear();
}

bool membership::wanted(const goal& x) const {
  if (x.self || x.dialling)
    return false;
  auto i = nodes_.find(x.name);
  if (i == nodes_.end())
    return true;
  if (!x.seed && found_by_name(x.name))
    return false;
  return !i->second.at && (x.seed || i->second.seen.state != node_state::left);
}

/// Where the name leads to need not be dialled as well, for two links at a time
/// are one too many; unless the name leads nowhere now.
bool membership::found_by_name(const std::string& node) const {
  return std::any_of(targets_.begin(), targets_.end(), [&](auto& x) {
    return x.second.named && x.second.name == node && x.second.reason.empty();
  });
}

std::vector<std::string> membership::due(time_point now) {
  std::vector<std::string> result;
  for (auto& [address, x] : targets_)
    if (wanted(x) && x.next <= now) {
      x.dialling = true;
      result.push_back(address);
    }
  return result;
}

std::optional<time_point> membership::next_due() const {
  std::optional<time_point> result;
  for (auto& [_, x] : targets_)
    if (wanted(x) && (!result || x.next < *result))
      result = x.next;
  return result;
}

bool membership::failed(const std::string& address, const std::string& why,
                        const instant& at) {
  auto i = targets_.find(address);
  if (i == targets_.end())
    return false;
  auto& x = i->second;
  x.dialling = false;
  put_off(x, at);
  auto node = nodes_.find(x.name);
  if (node != nodes_.end() && !node->second.at
      && node->second.seen.state == node_state::dead)
    node->second.seen.reason = why;
  return std::exchange(x.reason, why) != why;
}

void membership::put_off(goal& x, const instant& at) {
  x.next = at.now + x.pause.next(at.random);
}

void membership::aim_at(const std::string& address, const std::string& name,
                        time_point now) {
  auto [i, is_new] = targets_.try_emplace(address);
  auto& x = i->second;
  if (is_new) {
    x.next = now;
    x.begin_anew();
  }
  if (!name.empty())
    x.name = name;
}

} // namespace saker::cluster

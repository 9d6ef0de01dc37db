#include "supervision/wait_list.hpp"

#include <algorithm>

namespace saker::supervision {

wait_list::outcome wait_list::add(ticket who, std::uint64_t client,
                                  const std::vector<place>& places, state until,
                                  time_point deadline) {
  waiter x;
  x.client = client;
  x.until = until;
  x.deadline = deadline;
  for (auto& [key, at] : places)
    if (at == until)
      ++x.reached;
    else
      x.keys.insert(key);
  if (x.keys.empty())
    return outcome::reached;
  if (watched_ + x.keys.size() > most_watched)
    return outcome::full;
  for (auto& key : x.keys)
    by_key_[key].insert(who);
  watched_ += x.keys.size();
  deadlines_.emplace(deadline, who);
  waiters_.emplace(who, std::move(x));
  return outcome::waiting;
}

std::vector<wait_list::ticket>
wait_list::told(std::string_view key, state now) {
  std::vector<ticket> done;
  auto found = by_key_.find(key);
  if (found == by_key_.end())
    return done;
  std::erase_if(found->second, [&](ticket who) {
    auto& x = waiters_.at(who);
    if (x.until != now)
      return false;
    x.keys.erase(x.keys.find(key));
    --watched_;
    ++x.reached;
    if (x.keys.empty() && x.lost == 0)
      done.push_back(who);
    return true;
  });
  if (found->second.empty())
    by_key_.erase(found);
  for (auto who : done)
    forget(who);
  return done;
}

void wait_list::gone(std::string_view key) {
  auto found = by_key_.find(key);
  if (found == by_key_.end())
    return;
  // What comes under the same key later is another one.
  for (auto who : found->second) {
    auto& x = waiters_.at(who);
    x.keys.erase(x.keys.find(key));
    --watched_;
    ++x.lost;
  }
  by_key_.erase(found);
}

std::vector<std::pair<wait_list::ticket, std::size_t>>
wait_list::expired(time_point now) {
  std::vector<std::pair<ticket, std::size_t>> over;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    auto who = deadlines_.begin()->second;
    over.emplace_back(who, waiters_.at(who).reached);
    forget(who);
  }
  return over;
}

std::vector<std::pair<wait_list::ticket, std::size_t>>
wait_list::withdraw(std::uint64_t client) {
  std::vector<std::pair<ticket, std::size_t>> result;
  for (auto& [who, x] : waiters_)
    if (x.client == client)
      result.emplace_back(who, x.reached);
  for (auto& [who, _] : result)
    forget(who);
  return result;
}

std::optional<time_point> wait_list::next_deadline() const {
  if (deadlines_.empty())
    return std::nullopt;
  return deadlines_.begin()->first;
}

void wait_list::forget(ticket who) {
  auto i = waiters_.find(who);
  auto& x = i->second;
  for (auto& key : x.keys) {
    auto at = by_key_.find(key);
    at->second.erase(who);
    if (at->second.empty())
      by_key_.erase(at);
  }
  watched_ -= x.keys.size();
  auto [first, last] = deadlines_.equal_range(x.deadline);
  deadlines_.erase(std::find_if(
    first, last, [who](auto& entry) { return entry.second == who; }));
  waiters_.erase(i);
}

} // namespace saker::supervision

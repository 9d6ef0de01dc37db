#include "supervision/wait_list.hpp"

#include <algorithm>

namespace saker::supervision {

wait_list::added wait_list::add(ticket who, std::uint64_t client,
                                const std::vector<place>& places, state until,
                                time_point deadline) {
  waiter x;
  x.client = client;
  x.until = until;
  x.deadline = deadline;
  for (auto& [key, at] : places)
    if (at == until)
      ++x.reached;
    else if (at != state::failed)
      x.keys.insert(key);
  if (x.keys.empty())
    return {outcome::over, x.reached};
  if (watched_ + x.keys.size() > most_watched)
    return {outcome::full, x.reached};
  for (auto& key : x.keys)
    by_key_[key].insert(who);
  watched_ += x.keys.size();
  deadlines_.emplace(deadline, who);
  added result{outcome::waiting, x.reached};
  waiters_.emplace(who, std::move(x));
  return result;
}

template <class Judge>
wait_list::ended wait_list::settle(std::string_view key, Judge judge) {
  ended done;
  auto found = by_key_.find(key);
  if (found == by_key_.end())
    return done;
  std::erase_if(found->second, [&](ticket who) {
    auto& x = waiters_.at(who);
    auto what = judge(x);
    if (what == fate::open)
      return false;
    x.keys.erase(x.keys.find(key));
    --watched_;
    x.reached += what == fate::reached ? 1 : 0;
    if (x.keys.empty())
      done.emplace_back(who, x.reached);
    return true;
  });
  if (found->second.empty())
    by_key_.erase(found);
  for (auto& [who, _] : done)
    forget(who);
  return done;
}

wait_list::ended wait_list::told(std::string_view key, state now) {
  return settle(key, [now](const waiter& x) {
    if (x.until == now)
      return fate::reached;
    return now == state::failed ? fate::lost : fate::open;
  });
}

wait_list::ended wait_list::gone(std::string_view key) {
  return settle(key, [](const waiter&) { return fate::lost; });
}

wait_list::ended wait_list::expired(time_point now) {
  ended over;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    auto who = deadlines_.begin()->second;
    over.emplace_back(who, waiters_.at(who).reached);
    forget(who);
  }
  return over;
}

wait_list::ended wait_list::withdraw(std::uint64_t client) {
  ended result;
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

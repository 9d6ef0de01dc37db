#include "session/activity.hpp"

namespace saker::session {

namespace {

/// Never idle.
constexpr auto unused_slot = activity::time_point::max();

} // namespace

activity::slot activity::add(std::uint64_t client, time_point now) {
  if (free_.empty()) {
    rows_.push_back({now, client});
    return rows_.size() - 1;
  }
  auto which = free_.back();
  free_.pop_back();
  rows_[which] = {now, client};
  return which;
}

void activity::remove(slot which) {
  rows_[which] = {unused_slot, 0};
  free_.push_back(which);
  if (free_.size() < rows_.size())
    return;
  // After a crowd: give its memory back.
  rows_ = {};
  free_ = {};
}

activity::view activity::look(time_point then) const {
  view found;
  for (auto& x : rows_) {
    if (x.last <= then)
      found.idle.push_back(x.client);
    else if (x.last != unused_slot && (!found.next || x.last < *found.next))
      found.next = x.last;
  }
  return found;
}

} // namespace saker::session

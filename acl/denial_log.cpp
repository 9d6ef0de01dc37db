#include "acl/denial_log.hpp"

#include <algorithm>

namespace saker::acl {

namespace {

using namespace std::chrono_literals;

/// As far back as Redis looks for an entry that is alike.
constexpr std::size_t looked_at = 10;

bool alike(const denied& x, const denied& y) noexcept {
  auto between = x.at < y.at ? y.at - x.at : x.at - y.at;
  return x.reason == y.reason && x.context == y.context && between <= 60s
         && x.object == y.object && x.user == y.user;
}

void cut(std::string& text, std::size_t limit) {
  if (text.size() > limit) {
    text.resize(limit);
    text.shrink_to_fit();
  }
}

} // namespace

void denial_log::add(denied what) {
  cut(what.object, longest_name);
  cut(what.user, longest_name);
  cut(what.client, longest_client);
  auto end = entries_.begin()
             + static_cast<std::ptrdiff_t>(std::min(looked_at, size()));
  auto known = std::find_if(entries_.begin(), end,
                            [&](auto& x) { return alike(x, what); });
  if (known != end) {
    what.count += known->count;
    entries_.erase(known);
  }
  entries_.push_front(std::move(what));
  while (entries_.size() > length_)
    entries_.pop_back();
}

std::vector<denied> denial_log::newest(std::size_t count) const {
  auto end = entries_.begin()
             + static_cast<std::ptrdiff_t>(std::min(count, size()));
  return {entries_.begin(), end};
}

} // namespace saker::acl

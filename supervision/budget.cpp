#include "supervision/budget.hpp"

#include "base/text.hpp"
#include "base/units.hpp"

#include <algorithm>

namespace saker::supervision {

namespace {

constexpr auto shortest_window = std::chrono::seconds{1};
constexpr auto longest_window = std::chrono::hours{24 * 30};
constexpr long long largest_count = 1000;

} // namespace

std::string to_string(const budget_limit& x) {
  if (x.unlimited())
    return "none";
  return std::to_string(x.count) + "/" + format_duration(x.window);
}

result<budget_limit> parse_budget(std::string_view text) {
  auto bad = [&](std::string why) {
    return fail(errc::syntax, "\"" + printable(text, 40)
                                + "\" is not a budget: " + std::move(why)
                                + "; write for example \"5/30s\", at most 5 "
                                  "unexpected ends in 30 seconds");
  };
  auto slash = text.find('/');
  if (slash == std::string_view::npos)
    return bad("there is no \"/\"");
  auto count = parse_integer(trim(text.substr(0, slash)));
  if (!count || *count < 0 || *count > largest_count)
    return bad("the count must be 0 to 1000");
  auto window = parse_duration(text.substr(slash + 1));
  if (!window)
    return bad("the window is not a duration");
  if (*window < shortest_window || *window > longest_window)
    return bad("the window must be 1s to 30d");
  return budget_limit{static_cast<std::uint32_t>(*count), *window};
}

std::string to_string(const spent_rule& x) {
  switch (x.what) {
    case spent_rule::action::rest: return "rest " + format_duration(x.rest);
    case spent_rule::action::fatal: return "fatal";
    case spent_rule::action::escalate: return "escalate";
  }
  return {};
}

bool budget::charge(time_point now) {
  if (limit_.unlimited())
    return true;
  drop_old(now);
  stamps_.push_back(now);
  if (stamps_.size() <= limit_.count)
    return true;
  // One more than the limit is enough to know that it is spent.
  while (stamps_.size() > limit_.count + std::size_t{1})
    stamps_.pop_front();
  return false;
}

std::uint32_t budget::used(time_point now) const {
  auto fresh = [&](time_point x) { return now - x < limit_.window; };
  return static_cast<std::uint32_t>(
    std::count_if(stamps_.begin(), stamps_.end(), fresh));
}

void budget::limit(budget_limit x) {
  limit_ = x;
  if (limit_.unlimited())
    stamps_.clear();
  while (stamps_.size() > limit_.count + std::size_t{1})
    stamps_.pop_front();
}

std::vector<budget::mark>
budget::marks(std::size_t most, time_point now) const {
  std::vector<mark> result;
  if (most == 0)
    return result;
  // Stamps of the same slice share a mark; slices are as wide as they must be.
  std::vector<time_point> fresh;
  for (auto x : stamps_)
    if (now - x < limit_.window)
      fresh.push_back(x);
  auto exact = fresh.size() <= most;
  auto slice = limit_.window / static_cast<std::int64_t>(most);
  auto slot = [&](time_point x) {
    return slice.count() > 0 ? (now - x) / slice : 0;
  };
  for (auto x : fresh) {
    auto same = !result.empty() && !exact && slot(result.back().at) == slot(x);
    if (same) {
      result.back().at = x;
      ++result.back().count;
    } else {
      result.push_back({x, 1});
    }
  }
  return result;
}

void budget::restore(const std::vector<mark>& marks) {
  stamps_.clear();
  for (auto& x : marks)
    stamps_.insert(stamps_.end(), x.count, x.at);
}

void budget::drop_old(time_point now) {
  while (!stamps_.empty() && now - stamps_.front() >= limit_.window)
    stamps_.pop_front();
}

} // namespace saker::supervision

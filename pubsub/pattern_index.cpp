#include "pubsub/pattern_index.hpp"

#include "pubsub/glob.hpp"

#include <algorithm>
#include <iterator>

namespace saker::pubsub {

namespace {

/// As `compare`, read from the end.
int compare_reversed(std::string_view x, std::string_view y) noexcept {
  auto [i, j] = std::mismatch(x.rbegin(), x.rend(), y.rbegin(), y.rend());
  if (i == x.rend() || j == y.rend())
    return (i == x.rend() ? 0 : 1) - (j == y.rend() ? 0 : 1);
  return static_cast<unsigned char>(*i) < static_cast<unsigned char>(*j) ? -1
                                                                         : 1;
}

std::size_t common_prefix(std::string_view x, std::string_view y) noexcept {
  auto end = std::mismatch(x.begin(), x.end(), y.begin(), y.end()).first;
  return static_cast<std::size_t>(end - x.begin());
}

std::size_t common_suffix(std::string_view x, std::string_view y) noexcept {
  auto end = std::mismatch(x.rbegin(), x.rend(), y.rbegin(), y.rend()).first;
  return static_cast<std::size_t>(end - x.rbegin());
}

std::string_view last(std::string_view x, std::size_t count) noexcept {
  return x.substr(x.size() - count);
}

/// A place in the order, to be compared in its first `depth` literals.
struct bound {
  int depth;
  std::string_view head;
  std::string_view tail = {};
  std::string_view middle = {};

  int compare(const pattern_topic& x) const noexcept {
    if (auto order = head.compare(x.head()); order != 0 || depth == 1)
      return order;
    if (auto order = compare_reversed(tail, x.tail()); order != 0 || depth == 2)
      return order;
    return middle.compare(x.middle());
  }
};

struct by_bound {
  bool operator()(const bound& x, const pattern_topic& y) const noexcept {
    return x.compare(y) < 0;
  }

  bool operator()(const pattern_topic& x, const bound& y) const noexcept {
    return y.compare(x) > 0;
  }
};

} // namespace

bool pattern_index::in_order::operator()(
  const pattern_topic& x, const pattern_topic& y) const noexcept {
  auto order = bound{3, x.head(), x.tail(), x.middle()}.compare(y);
  return order != 0 ? order < 0 : x.name() < y.name();
}

/// Three times the same: of all literals up to a text the largest one is a
/// prefix of it, or no prefix is longer than what these two have in common.
struct pattern_index::search {
  const patterns& all;
  std::string_view channel;
  std::vector<const topic*>& out;
  search_cost& cost;

  /// The last pattern that is not behind `x`, or `nullptr`.
  const pattern_topic* up_to(const bound& x) const {
    ++cost.probes;
    auto next = all.upper_bound(x, by_bound{});
    return next == all.begin() ? nullptr : &*std::prev(next);
  }

  void consider(const pattern_topic& x) const {
    ++cost.globs;
    if (glob_match(x.name(), channel))
      out.push_back(&x);
  }

  void heads() const {
    auto text = channel;
    for (;;) {
      auto found = up_to({1, text});
      if (!found)
        return;
      auto head = found->head();
      auto same = common_prefix(head, text);
      text = text.substr(0, same);
      if (same < head.size())
        continue;
      tails(head);
      if (text.empty())
        return;
      text.remove_suffix(1);
    }
  }

  void tails(std::string_view head) const {
    auto rest = channel.substr(head.size());
    auto text = rest;
    for (;;) {
      auto found = up_to({2, head, text});
      if (!found || found->head() != head)
        return;
      auto tail = found->tail();
      auto same = common_suffix(tail, text);
      text = last(text, same);
      if (same < tail.size())
        continue;
      middles(head, tail, rest.substr(0, rest.size() - tail.size()));
      if (text.empty())
        return;
      text.remove_prefix(1);
    }
  }

  void middles(std::string_view head, std::string_view tail,
               std::string_view between) const {
    const bound without{3, head, tail, {}};
    const bound here{2, head, tail};
    ++cost.probes;
    auto i = all.lower_bound(without, by_bound{});
    for (; i != all.end() && without.compare(*i) == 0; ++i)
      consider(*i);
    if (i == all.end() || here.compare(*i) != 0)
      return;
    for (std::size_t at = 0; at < between.size(); ++at)
      middles_at(here, between, at);
  }

  void
  middles_at(const bound& in, std::string_view between, std::size_t at) const {
    auto text = between.substr(at);
    while (!text.empty()) {
      auto found = up_to({3, in.head, in.tail, text});
      if (!found || in.compare(*found) != 0)
        return;
      auto middle = found->middle();
      auto same = common_prefix(middle, text);
      text = text.substr(0, same);
      if (same < middle.size())
        continue;
      if (middle.empty())
        return;
      // Where it stands a second time it has been seen.
      if (between.find(middle) == at)
        equals({3, in.head, in.tail, middle}, *found);
      text.remove_suffix(1);
    }
  }

  /// `from` is the last of those with these literals.
  void equals(const bound& x, const pattern_topic& from) const {
    for (auto i = all.iterator_to(from);; --i) {
      if (x.compare(*i) != 0)
        return;
      consider(*i);
      if (i == all.begin())
        return;
    }
  }
};

void pattern_index::find(std::string_view channel,
                         std::vector<const topic*>& out,
                         search_cost& cost) const {
  if (!sorted_.empty())
    search{sorted_, channel, out, cost}.heads();
}

} // namespace saker::pubsub

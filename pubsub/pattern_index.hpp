#pragma once

#include "pubsub/topic.hpp"

#include <boost/intrusive/set.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace saker::pubsub {

/// What it took to find out who gets a message.
struct search_cost {
  std::size_t probes = 0; ///< searches in order, O(log patterns) each
  std::size_t globs = 0;  ///< patterns compared as a whole

  bool operator==(const search_cost&) const = default;
};

/// Patterns in the order of their literals: how they begin, then how they end,
/// then what stands in between. So those that cannot match a channel are not
/// looked at: `saker:*:web:*` is found by `saker:` and then by `:web:`.
class pattern_index {
public:
  pattern_index() = default;
  pattern_index(const pattern_index&) = delete;
  pattern_index& operator=(const pattern_index&) = delete;

  ~pattern_index() {
    sorted_.clear();
  }

  /// Must live until it is removed; names are unique.
  void add(pattern_topic& x) {
    sorted_.insert(x);
  }

  void remove(pattern_topic& x) {
    sorted_.erase(sorted_.iterator_to(x));
  }

  /// Appends to `out` what matches `channel`, those that begin and end with
  /// the longest literals first, and adds to `cost`.
  void find(std::string_view channel, std::vector<const topic*>& out,
            search_cost& cost) const;

private:
  struct in_order {
    bool
    operator()(const pattern_topic& x, const pattern_topic& y) const noexcept;
  };

  using patterns
    = boost::intrusive::set<pattern_topic, boost::intrusive::compare<in_order>,
                            boost::intrusive::constant_time_size<false>>;

  struct search;

  patterns sorted_;
};

} // namespace saker::pubsub

#pragma once

#include "pubsub/flat_table.hpp"
#include "pubsub/interest.hpp"
#include "pubsub/pattern_index.hpp"
#include "pubsub/subscription.hpp"
#include "pubsub/topic.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace saker::pubsub {

/// Who gets a message: all of `channel`, then all of each pattern. Valid until
/// subscriptions change.
struct audience {
  const topic* channel = nullptr;
  std::vector<const topic*> patterns;
  search_cost cost; ///< of finding them

  /// Deliveries, as PUBLISH counts them.
  std::size_t size() const noexcept;
};

/// Channels and patterns and who subscribed to them. Leaving costs the
/// leaver's own subscriptions, publishing costs the receivers: patterns that
/// cannot match are not even looked at. A subscription takes less than 150
/// bytes beyond its name, also if nobody shares its topic.
class index {
public:
  index() = default;
  ~index();
  index(const index&) = delete;
  index& operator=(const index&) = delete;

  /// The record of `id`; made if it is new.
  subscriber& join(subscriber_id id);

  /// The record of `id`, or `nullptr`.
  subscriber* find(subscriber_id id) noexcept;

  /// False if it was subscribed already.
  bool
  subscribe(subscriber_id id, subscription_kind kind, std::string_view name);

  /// False if it was not subscribed.
  bool
  unsubscribe(subscriber_id id, subscription_kind kind, std::string_view name);

  /// Ends all subscriptions of `id` and keeps its record.
  void unsubscribe_all(subscriber_id id);

  /// Forgets `id`.
  void drop(subscriber_id id);

  /// Remembers from now on which topics get their first subscriber or lose
  /// their last one, as far as their messages may come from a channel that
  /// begins with `prefix`.
  void observe(std::string prefix);

  /// What was remembered since the last call, in order.
  std::vector<topic_change> take_changes() noexcept {
    return std::exchange(changes_, {});
  }

  /// Remembers from now on which topics change their size.
  void watch_sizes() noexcept {
    watching_ = true;
  }

  /// The size now of those that changed since the last call, sorted.
  std::vector<topic_count> take_sizes();

  /// The size of all topics, in no order.
  std::vector<topic_count> all_sizes() const;

  /// Fills `out`, which keeps its memory. `kind`: that of the channel.
  void find_audience(std::string_view channel, audience& out,
                     subscription_kind kind = subscription_kind::channel) const;

  // -- figures

  /// Channels with at least one subscriber of their own.
  std::size_t channel_count() const noexcept {
    return of(subscription_kind::channel).size();
  }

  /// Different patterns.
  std::size_t pattern_count() const noexcept {
    return of(subscription_kind::pattern).size();
  }

  /// Shards with a subscriber.
  std::size_t shard_count() const noexcept {
    return of(subscription_kind::shard).size();
  }

  /// Somebody sees the commands of all clients.
  bool monitored() const noexcept {
    return !of(subscription_kind::monitor).empty();
  }

  /// Subscribers of a channel or shard, without patterns.
  std::size_t
  channel_size(std::string_view channel,
               subscription_kind kind = subscription_kind::channel) const;

  /// Calls `f(name)` for each with subscribers, in no order.
  template <class F>
  void for_each_name(subscription_kind kind, F f) const {
    of(kind).for_each([&](entry x) { f(x.what->name()); });
  }

private:
  struct entry {
    topic* what = nullptr;

    std::uint32_t hash() const noexcept {
      return what->hash();
    }

    bool free() const noexcept {
      return !what;
    }
  };

  using topics = flat_table<entry>;

  const topics& of(subscription_kind kind) const noexcept {
    return topics_[static_cast<std::size_t>(kind)];
  }

  topics& of(subscription_kind kind) noexcept {
    return topics_[static_cast<std::size_t>(kind)];
  }

  const topic*
  find(subscription_kind kind, std::string_view name) const noexcept;
  topic& find_or_make(subscription_kind kind, std::string_view name);
  void left(topic& what, std::uint32_t place);
  void note(const topic& what, bool wanted);
  void touch(const topic& what);

  std::array<topics, 4> topics_; ///< by their kind
  pattern_index patterns_;
  std::unordered_map<subscriber_id, subscriber> subscribers_;
  std::string observed_; ///< empty: nothing is remembered
  std::vector<topic_change> changes_;
  bool watching_ = false;
  std::set<std::pair<subscription_kind, std::string>> touched_;
};

} // namespace saker::pubsub

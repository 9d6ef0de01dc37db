#pragma once

#include "base/bytes.hpp"
#include "pubsub/interest.hpp"
#include "pubsub/prefix_map.hpp"
#include "pubsub/subscription.hpp"
#include "resp/value.hpp"

#include <array>
#include <cstddef>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace saker::pubsub {

class topic;

/// One receiver as the index knows it.
class subscriber {
public:
  subscriber_id id = 0;
  resp::protocol protocol = resp::protocol::resp2;

  /// Frames of this turn, see `exchange`.
  std::vector<shared_bytes> outbox;
  std::size_t queued_at = not_queued;

  static constexpr auto not_queued = std::numeric_limits<std::size_t>::max();

  /// All kinds together.
  std::size_t subscriptions() const noexcept {
    return places_.size();
  }

private:
  friend class index;
  friend class topic;

  /// Where in each topic this subscriber stands.
  std::unordered_map<topic*, std::size_t> places_;
};

/// The subscribers of one channel, pattern or shard, in the order they came.
class topic {
public:
  std::string_view name() const noexcept {
    return name_;
  }

  subscription_kind kind() const noexcept {
    return kind_;
  }

  std::size_t size() const noexcept {
    return alive_;
  }

  /// Calls `f(subscriber&)` for each, in order of subscription. `f` must not
  /// change subscriptions.
  template <class F>
  void for_each(F f) const {
    for (auto& x : slots_)
      if (x.who)
        f(*x.who);
  }

private:
  friend class index;

  /// `who` is null where somebody left: leaving moves nobody.
  struct slot {
    subscriber* who;
    std::size_t* place; ///< in the subscriber's map; knows this slot's number
  };

  void add(subscriber& who, std::size_t& place);
  void remove(std::size_t place);
  void close_gaps();

  std::string_view name_; ///< owned by the map of the index
  subscription_kind kind_ = subscription_kind::channel;
  std::size_t alive_ = 0;
  std::vector<slot> slots_;
};

/// Who gets a message: all of `channel`, then all of each pattern. Valid until
/// subscriptions change.
struct audience {
  const topic* channel = nullptr;
  std::vector<const topic*> patterns;

  /// Deliveries, as PUBLISH counts them.
  std::size_t size() const noexcept;
};

/// Channels and patterns and who subscribed to them. Leaving costs the
/// leaver's own subscriptions, publishing costs the receivers: patterns that
/// cannot match are not even looked at, as they are sorted by the literals in
/// them. `saker:*:web:*` is found by `saker:` and then by `:web:`.
class index {
public:
  index() = default;
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
    for (auto& [name, _] : of(kind))
      f(std::string_view{name});
  }

private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view x) const noexcept {
      return std::hash<std::string_view>{}(x);
    }
  };

  using topics = std::unordered_map<std::string, topic, hash, std::equal_to<>>;

  using patterns = std::vector<const topic*>;

  /// Patterns with the same head and tail.
  struct bucket {
    patterns plain; ///< without a middle
    prefix_map<patterns> by_middle;
  };

  /// By the reversed tail.
  using by_tail = prefix_map<bucket>;

  const topics& of(subscription_kind kind) const noexcept {
    return topics_[static_cast<std::size_t>(kind)];
  }

  topics& of(subscription_kind kind) noexcept {
    return topics_[static_cast<std::size_t>(kind)];
  }

  topic& find_or_make(subscription_kind kind, std::string_view name);
  void leave(subscriber& who, topic& what, std::size_t place);
  void note(const topic& what, bool wanted);
  void touch(const topic& what);
  void sort_in(const topic& pattern);
  void sort_out(const topic& pattern);
  static void
  look_into(const bucket& from, std::string_view channel, patterns& out);

  std::array<topics, 4> topics_; ///< by their kind
  prefix_map<by_tail> sorted_;   ///< patterns by their head
  std::unordered_map<subscriber_id, subscriber> subscribers_;
  std::string observed_; ///< empty: nothing is remembered
  std::vector<topic_change> changes_;
  bool watching_ = false;
  std::set<std::pair<subscription_kind, std::string>> touched_;
};

} // namespace saker::pubsub

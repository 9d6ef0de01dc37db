#pragma once

#include "pubsub/batch.hpp"
#include "pubsub/index.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::pubsub {

/// Takes messages in and gives out, once per turn, what each subscriber gets:
/// the pure core of the broker.
///
///     exchange x;
///     x.subscribe(7, subscription_kind::channel, "news", resp3);
///     auto receivers = x.publish("news", "hello");
///     x.flush([](subscriber_id to, std::vector<shared_bytes> frames) { … });
///
/// Messages that follow each other on one channel become one piece of bytes for
/// each way to get them, by the channel and by patterns, encoded once and shared
/// by all receivers. A subscriber sees messages in the order in which
/// they were published, and none from before it subscribed or after it left.
class exchange {
public:
  /// `dialect` is that of all later frames for `id`.
  void subscribe(subscriber_id id, subscription_kind kind,
                 std::string_view name, resp::protocol dialect);
  void
  unsubscribe(subscriber_id id, subscription_kind kind, std::string_view name);

  /// What was published before is still delivered.
  void unsubscribe_all(subscriber_id id);
  void switch_protocol(subscriber_id id, resp::protocol dialect);

  /// It is gone: nothing is delivered any more.
  void drop(subscriber_id id);

  /// Returns the number of deliveries. `kind`: that of the channel.
  std::size_t publish(std::string_view channel, std::string_view payload,
                      subscription_kind kind = subscription_kind::channel);

  /// Whole lines for all who monitor, in their order among the messages.
  void show(std::string_view lines);

  /// True if `flush` has something to deliver.
  bool pending() const noexcept {
    return run_size_ > 0 || !queue_.empty();
  }

  /// Calls `deliver(subscriber_id, std::vector<shared_bytes>&&)` once for each
  /// who gets something. `deliver` must not call back.
  template <class F>
  void flush(F deliver) {
    close_run();
    for (auto who : queue_) {
      if (!who)
        continue;
      who->queued_at = subscriber::not_queued;
      deliver(who->id, std::exchange(who->outbox, {}));
    }
    queue_.clear();
  }

  /// The same for one subscriber only, for example before it is told that its
  /// subscription has ended.
  std::vector<shared_bytes> flush_one(subscriber_id id);

  /// As `index` says.
  void observe(std::string prefix) {
    index_.observe(std::move(prefix));
  }

  std::vector<topic_change> take_changes() noexcept {
    return index_.take_changes();
  }

  /// As `index` says.
  void watch_sizes() noexcept {
    index_.watch_sizes();
  }

  std::vector<topic_count> take_sizes() {
    return index_.take_sizes();
  }

  const index& subscriptions() const noexcept {
    return index_;
  }

private:
  void look_up(std::string_view channel, subscription_kind kind);
  void open_run();
  void close_run();
  void add_to_run(std::string_view payload);
  void hand_out_ways();
  void hand_out_several(const std::vector<subscriber*>& who);
  const topic& way(std::size_t number) const noexcept;
  void give(subscriber& who, batch& what);
  void take_off_queue(subscriber& who);

  index index_;

  // The run: messages in a row on one channel, not yet handed out, encoded for
  // each way to get them: by the channel itself, then by each pattern.
  std::string channel_;
  subscription_kind kind_ = subscription_kind::channel; ///< of `channel_`
  bool known_ = false; ///< `audience_` is that of `channel_`
  audience audience_;
  std::vector<batch> ways_;
  std::size_t run_size_ = 0; ///< bytes in `ways_`
  std::uint64_t run_ = 0;    ///< its number

  std::vector<subscriber*> queue_; ///< who has frames; null: dropped
};

} // namespace saker::pubsub

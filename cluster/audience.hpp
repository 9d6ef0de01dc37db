#pragma once

#include "pubsub/index.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace saker::cluster {

/// Who listens on other nodes, as these have announced it.
class audience {
public:
  using node = pubsub::subscriber_id;

  /// A node with more than `most` topics counts as one that wants everything.
  explicit audience(std::size_t most) : most_(most) {
    index_.observe("log:");
  }

  void announced(node who, const pubsub::interest& what);

  /// It is gone.
  void drop(node who);

  /// Which output of children somebody wants there now, or nobody any more.
  std::vector<pubsub::topic_change> take_changes() noexcept {
    return index_.take_changes();
  }

  bool empty() const noexcept {
    return nodes_.empty();
  }

  struct reach {
    std::vector<node> nodes;     ///< where somebody listens
    std::uint64_t receivers = 0; ///< all of them together
  };

  /// Who gets a message on `channel`, which is of this kind. Valid until the
  /// next call of anything.
  const reach&
  of(std::string_view channel,
     pubsub::subscription_kind kind = pubsub::subscription_kind::channel);

private:
  using key = std::pair<pubsub::subscription_kind, std::string>;

  struct listener {
    bool everything = false;
    std::map<key, std::uint64_t> counts;
  };

  void forget(node who, listener& x);
  std::uint64_t count(node who, const pubsub::topic& what) const;

  std::size_t most_;
  pubsub::index index_;
  std::map<node, listener> nodes_;
  bool known_ = false; ///< `reach_` is that of `channel_`
  std::string channel_;
  pubsub::subscription_kind kind_ = pubsub::subscription_kind::channel;
  pubsub::audience found_;
  reach reach_;
};

} // namespace saker::cluster

#include "cluster/audience.hpp"

#include <algorithm>

namespace saker::cluster {

void audience::announced(node who, const pubsub::interest& what) {
  known_ = false;
  auto& x = nodes_[who];
  if (what.anew)
    forget(who, x);
  x.everything = x.everything || what.everything;
  for (auto& topic : what.topics) {
    if (x.everything)
      break;
    key name{topic.kind, topic.name};
    if (topic.count == 0) {
      index_.unsubscribe(who, topic.kind, topic.name);
      x.counts.erase(name);
    } else {
      index_.subscribe(who, topic.kind, topic.name);
      x.counts[name] = topic.count;
    }
    // Ours is the bound that holds here, whatever the other side believes.
    if (x.counts.size() > most_) {
      forget(who, x);
      x.everything = true;
    }
  }
  // It cannot tell whether it wants output, so it gets that too.
  if (x.everything)
    index_.subscribe(who, pubsub::subscription_kind::pattern, "log:*");
}

void audience::drop(node who) {
  known_ = false;
  index_.drop(who);
  nodes_.erase(who);
}

void audience::forget(node who, listener& x) {
  index_.unsubscribe_all(who);
  x = {};
}

const audience::reach&
audience::of(std::string_view channel, pubsub::subscription_kind kind) {
  if (known_ && kind == kind_ && channel == channel_)
    return reach_;
  known_ = true;
  channel_ = channel;
  kind_ = kind;
  reach_.nodes.clear();
  reach_.receivers = 0;
  index_.find_audience(channel, found_, kind);
  auto add = [this](const pubsub::topic& what) {
    what.for_each([&](pubsub::subscriber& who) {
      reach_.nodes.push_back(who.id);
      reach_.receivers += count(who.id, what);
    });
  };
  if (found_.channel)
    add(*found_.channel);
  for (auto* pattern : found_.patterns)
    add(*pattern);
  for (auto& [who, x] : nodes_)
    if (x.everything)
      reach_.nodes.push_back(who);
  // One message for each node; there it is handed out.
  auto& all = reach_.nodes;
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return reach_;
}

std::uint64_t audience::count(node who, const pubsub::topic& what) const {
  auto& counts = nodes_.at(who).counts;
  auto i = counts.find({what.kind(), std::string{what.name()}});
  return i == counts.end() ? 0 : i->second;
}

} // namespace saker::cluster

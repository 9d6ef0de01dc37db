#pragma once

#include "pubsub/subscription.hpp"

#include <map>
#include <string>
#include <utility>

namespace saker::pubsub {

/// Topics that are wanted here, on other nodes, or both.
class demand {
public:
  enum source : unsigned { here = 1, elsewhere = 2 };

  /// True if that is the first wish for the topic, or the end of the last.
  bool change(source by, const topic_change& what) {
    auto [i, _] = wanted_.try_emplace({what.kind, what.name}, 0u);
    auto before = i->second;
    i->second = what.wanted ? before | by : before & ~unsigned{by};
    auto differs = (before == 0) != (i->second == 0);
    if (i->second == 0)
      wanted_.erase(i);
    return differs;
  }

private:
  std::map<std::pair<subscription_kind, std::string>, unsigned> wanted_;
};

} // namespace saker::pubsub

#include "actors/finder.hpp"

#include <algorithm>
#include <utility>

namespace saker {

caf::result<process::finding>
finder_state::query(const process::daemon_rule& what) {
  if (!what.pidfile.empty())
    return links.by_pidfile(what);
  auto promise = self->make_response_promise<process::finding>();
  rules_.push_back(what);
  askers_.push_back(promise);
  if (rules_.size() == 1) {
    auto left = next_ - links.clock();
    self->delayed_send(
      self, std::max<std::chrono::steady_clock::duration>(left, gathering),
      atom::tick_v);
  }
  return promise;
}

void finder_state::walk() {
  auto rules = std::exchange(rules_, {});
  auto askers = std::exchange(askers_, {});
  auto began = links.clock();
  auto found = links.by_match(rules);
  auto ended = links.clock();
  next_ = ended + 4 * (ended - began);
  for (std::size_t i = 0; i < askers.size(); ++i)
    askers[i].deliver(i < found.size() ? std::move(found[i])
                                       : process::finding{});
}

finder_actor::behavior_type
finder(finder_actor::stateful_pointer<finder_state> self, finder_links links) {
  self->state.links = std::move(links);
  return {
    [self](atom::query, const process::daemon_rule& what) {
      return self->state.query(what);
    },
    [self](atom::tick) { self->state.walk(); },
  };
}

} // namespace saker

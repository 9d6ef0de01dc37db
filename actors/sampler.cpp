#include "actors/sampler.hpp"

#include <algorithm>

namespace saker {

void sampler_state::begin(sampler_links with) {
  links = std::move(with);
  meter_.emplace(links.ticks_per_second);
}

shared_usage sampler_state::query(const pid_list& roots) {
  auto now = self->clock().now();
  if (!looked_ || now - *looked_ >= fresh) {
    looked_ = now;
    look(true);
  } else if (now - *scanned_ >= pause_share * cost_
             && !std::all_of(roots.begin(), roots.end(),
                             [this](pid_t x) { return meter_->has_seen(x); })) {
    look(false); // somebody has just been started
  }
  auto result = std::make_shared<process::usage_table>(meter_->usage(roots));
  process::tree_usage sum;
  for (auto& [root, x] : *result) {
    sum.cpu += x.cpu;
    sum.rss += x.rss;
    sum.processes += x.processes;
  }
  links.report(sum);
  return result;
}

void sampler_state::look(bool anew) {
  auto begin = self->clock().now();
  if (auto all = links.look())
    anew ? meter_->feed(std::move(*all)) : meter_->renew(std::move(*all));
  scanned_ = self->clock().now();
  cost_ = *scanned_ - begin;
}

sampler_actor::behavior_type
sampler(sampler_actor::stateful_pointer<sampler_state> self,
        sampler_links links) {
  self->state.begin(std::move(links));
  return {
    [self](atom::query, const pid_list& roots) {
      return self->state.query(roots);
    },
  };
}

} // namespace saker

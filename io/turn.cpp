#include "io/turn.hpp"

#include <algorithm>

namespace saker::io {

turn_hook::~turn_hook() {
  if (armed_in_)
    armed_in_->cancel(*this);
}

turn::~turn() {
  for (auto& hooks : hooks_)
    for (auto* hook : hooks)
      if (hook)
        hook->armed_in_ = nullptr;
}

void turn::defer(stage when, turn_hook& hook) {
  if (hook.armed_in_)
    return;
  auto& hooks = hooks_[static_cast<unsigned>(when)];
  hook.armed_in_ = this;
  hook.armed_for_ = when;
  hook.index_ = hooks.size();
  hooks.push_back(&hook);
}

bool turn::run_hooks(stage when) {
  auto& hooks = hooks_[static_cast<unsigned>(when)];
  if (hooks.empty())
    return false;
  // A hook may arm itself or another one again: that is for the next round. A
  // hook may also destroy another one that waits, so each is disarmed only
  // when its turn comes, and cancel() looks in `running_` too.
  running_.swap(hooks);
  for (std::size_t i = 0; i < running_.size(); ++i) {
    auto* hook = running_[i];
    if (!hook)
      continue;
    running_[i] = nullptr;
    hook->armed_in_ = nullptr;
    hook->at_end_of_turn();
  }
  running_.clear();
  return true;
}

bool turn::has_hooks() const noexcept {
  return !hooks_[0].empty() || !hooks_[1].empty();
}

void turn::cancel(turn_hook& hook) noexcept {
  hook.armed_in_ = nullptr;
  for (auto* list :
       {&running_, &hooks_[static_cast<unsigned>(hook.armed_for_)]})
    if (hook.index_ < list->size() && (*list)[hook.index_] == &hook)
      (*list)[hook.index_] = nullptr;
}

} // namespace saker::io

#include "pubsub/index.hpp"

#include "pubsub/glob.hpp"

#include <algorithm>

namespace saker::pubsub {

// -- topic ---------------------------------------------------------------------

void topic::add(subscriber& who, std::size_t& place) {
  place = slots_.size();
  slots_.push_back({&who, &place});
  ++alive_;
}

void topic::remove(std::size_t place) {
  slots_[place] = {nullptr, nullptr};
  --alive_;
  if (slots_.size() > 2 * alive_ + 8)
    close_gaps();
}

/// Half of the slots have been left since the last time: O(1) for each.
void topic::close_gaps() {
  std::erase_if(slots_, [](const slot& x) { return x.who == nullptr; });
  for (std::size_t i = 0; i < slots_.size(); ++i)
    *slots_[i].place = i;
  slots_.shrink_to_fit();
}

// -- index ---------------------------------------------------------------------

std::size_t audience::size() const noexcept {
  auto result = channel ? channel->size() : 0;
  for (auto x : patterns)
    result += x->size();
  return result;
}

subscriber& index::join(subscriber_id id) {
  auto& result = subscribers_[id];
  result.id = id;
  return result;
}

subscriber* index::find(subscriber_id id) noexcept {
  auto hit = subscribers_.find(id);
  return hit == subscribers_.end() ? nullptr : &hit->second;
}

bool index::subscribe(subscriber_id id, subscription_kind kind,
                      std::string_view name) {
  auto& who = join(id);
  auto& what = find_or_make(kind, name);
  auto [place, is_new] = who.places_.try_emplace(&what, 0);
  if (is_new) {
    what.add(who, place->second);
    touch(what);
  }
  return is_new;
}

bool index::unsubscribe(subscriber_id id, subscription_kind kind,
                        std::string_view name) {
  auto who = find(id);
  auto& all = of(kind);
  auto what = all.find(name);
  if (!who || what == all.end())
    return false;
  auto place = who->places_.find(&what->second);
  if (place == who->places_.end())
    return false;
  leave(*who, what->second, place->second);
  return true;
}

void index::unsubscribe_all(subscriber_id id) {
  auto who = find(id);
  if (!who)
    return;
  while (!who->places_.empty()) {
    auto [what, place] = *who->places_.begin();
    leave(*who, *what, place);
  }
}

void index::drop(subscriber_id id) {
  unsubscribe_all(id);
  subscribers_.erase(id);
}

void index::leave(subscriber& who, topic& what, std::size_t place) {
  what.remove(place);
  who.places_.erase(&what);
  touch(what);
  if (what.size() > 0)
    return;
  note(what, false);
  if (what.kind() == subscription_kind::pattern)
    sort_out(what);
  auto& all = of(what.kind());
  all.erase(all.find(what.name()));
}

topic& index::find_or_make(subscription_kind kind, std::string_view name) {
  auto& all = of(kind);
  if (auto hit = all.find(name); hit != all.end())
    return hit->second;
  auto& [key, result] = *all.try_emplace(std::string{name}).first;
  result.name_ = key;
  result.kind_ = kind;
  if (kind == subscription_kind::pattern)
    sort_in(result);
  note(result, true);
  return result;
}

void index::touch(const topic& what) {
  if (watching_ && what.kind() != subscription_kind::monitor)
    touched_.emplace(what.kind(), what.name());
}

std::vector<topic_count> index::take_sizes() {
  std::vector<topic_count> result;
  for (auto& [kind, name] : touched_) {
    auto& all = of(kind);
    auto i = all.find(name);
    result.push_back({kind, name, i == all.end() ? 0 : i->second.size()});
  }
  touched_.clear();
  return result;
}

std::vector<topic_count> index::all_sizes() const {
  std::vector<topic_count> result;
  for (auto kind : {subscription_kind::channel, subscription_kind::pattern,
                    subscription_kind::shard})
    for (auto& [name, x] : of(kind))
      result.push_back({x.kind(), name, x.size()});
  return result;
}

void index::observe(std::string prefix) {
  observed_ = std::move(prefix);
}

void index::note(const topic& what, bool wanted) {
  if (observed_.empty()
      || (what.kind() != subscription_kind::channel
          && what.kind() != subscription_kind::pattern))
    return;
  auto concerned = what.kind() == subscription_kind::channel
                     ? what.name().starts_with(observed_)
                     : glob_may_begin_with(what.name(), observed_);
  if (concerned)
    changes_.push_back({what.kind(), std::string{what.name()}, wanted});
}

void index::sort_in(const topic& pattern) {
  auto [head, middle, tail] = frame_of(pattern.name());
  std::reverse(tail.begin(), tail.end());
  auto& into = sorted_[head][tail];
  (middle.empty() ? into.plain : into.by_middle[middle]).push_back(&pattern);
}

void index::sort_out(const topic& pattern) {
  auto [head, middle, tail] = frame_of(pattern.name());
  std::reverse(tail.begin(), tail.end());
  auto& tails = sorted_[head];
  auto& from = tails[tail];
  auto& all = middle.empty() ? from.plain : from.by_middle[middle];
  all.erase(std::find(all.begin(), all.end(), &pattern));
  if (all.empty() && !middle.empty())
    from.by_middle.erase(middle);
  if (from.plain.empty() && from.by_middle.empty())
    tails.erase(tail);
  if (tails.empty())
    sorted_.erase(head);
}

void index::look_into(const bucket& from, std::string_view channel,
                      patterns& out) {
  auto take = [&](const patterns& all) {
    for (auto pattern : all)
      if (glob_match(pattern->name(), channel))
        out.push_back(pattern);
  };
  take(from.plain);
  if (from.by_middle.empty())
    return;
  for (std::size_t i = 0; i < channel.size(); ++i)
    from.by_middle.for_each_prefix_of(
      channel.substr(i), [&](const std::string& middle, const patterns& all) {
        // Where it stands a second time it has been seen.
        if (channel.find(middle) == i)
          take(all);
      });
}

void index::find_audience(std::string_view channel, audience& out,
                          subscription_kind kind) const {
  auto direct = of(kind).find(channel);
  out.channel = direct == of(kind).end() ? nullptr : &direct->second;
  out.patterns.clear();
  if (kind != subscription_kind::channel || sorted_.empty())
    return;
  std::string reversed{channel.rbegin(), channel.rend()};
  sorted_.for_each_prefix_of(channel, [&](auto&, const by_tail& tails) {
    tails.for_each_prefix_of(reversed, [&](auto&, const bucket& found) {
      look_into(found, channel, out.patterns);
    });
  });
}

std::size_t
index::channel_size(std::string_view channel, subscription_kind kind) const {
  auto hit = of(kind).find(channel);
  return hit == of(kind).end() ? 0 : hit->second.size();
}

} // namespace saker::pubsub

#include "pubsub/index.hpp"

#include "pubsub/glob.hpp"

#include <algorithm>

namespace saker::pubsub {

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

index::~index() {
  for (auto& all : topics_)
    all.for_each([](entry x) { topic::end(x.what); });
}

bool index::subscribe(subscriber_id id, subscription_kind kind,
                      std::string_view name) {
  auto& who = join(id);
  auto& what = find_or_make(kind, name);
  if (who.find(what))
    return false;
  who.places_.insert({&what, what.add(who)});
  touch(what);
  return true;
}

bool index::unsubscribe(subscriber_id id, subscription_kind kind,
                        std::string_view name) {
  auto who = find(id);
  auto what = const_cast<topic*>(find(kind, name));
  auto place = who && what ? who->find(*what) : nullptr;
  if (!place)
    return false;
  auto at = place->at;
  who->places_.erase(place);
  left(*what, at);
  return true;
}

void index::unsubscribe_all(subscriber_id id) {
  auto who = find(id);
  if (!who)
    return;
  auto places = std::exchange(who->places_, {});
  places.for_each([this](subscriber::place x) { left(*x.what, x.at); });
}

void index::drop(subscriber_id id) {
  unsubscribe_all(id);
  subscribers_.erase(id);
}

/// A subscriber that no longer knows of it.
void index::left(topic& what, std::uint32_t place) {
  what.remove(place);
  touch(what);
  if (what.size() > 0)
    return;
  note(what, false);
  if (what.kind() == subscription_kind::pattern)
    patterns_.remove(static_cast<pattern_topic&>(what));
  auto& all = of(what.kind());
  all.erase(all.find(what.hash(), [&](entry x) { return x.what == &what; }));
  topic::end(&what);
}

const topic*
index::find(subscription_kind kind, std::string_view name) const noexcept {
  auto hit = of(kind).find(topic::hash_of(name),
                           [&](entry x) { return x.what->name() == name; });
  return hit ? hit->what : nullptr;
}

topic& index::find_or_make(subscription_kind kind, std::string_view name) {
  if (auto known = find(kind, name))
    return const_cast<topic&>(*known);
  auto& result = *topic::make(kind, name);
  of(kind).insert({&result});
  if (kind == subscription_kind::pattern)
    patterns_.add(static_cast<pattern_topic&>(result));
  note(result, true);
  return result;
}

void index::touch(const topic& what) {
  if (watching_ && what.kind() != subscription_kind::monitor)
    touched_.emplace(what.kind(), what.name());
}

std::vector<topic_count> index::take_sizes() {
  std::vector<topic_count> result;
  for (auto& [kind, name] : touched_)
    result.push_back({kind, name, channel_size(name, kind)});
  touched_.clear();
  return result;
}

std::vector<topic_count> index::all_sizes() const {
  std::vector<topic_count> result;
  for (auto kind : {subscription_kind::channel, subscription_kind::pattern,
                    subscription_kind::shard})
    of(kind).for_each([&](entry x) {
      result.push_back(
        {x.what->kind(), std::string{x.what->name()}, x.what->size()});
    });
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

void index::find_audience(std::string_view channel, audience& out,
                          subscription_kind kind) const {
  out.channel = find(kind, channel);
  out.patterns.clear();
  out.cost = {};
  if (kind == subscription_kind::channel)
    patterns_.find(channel, out.patterns, out.cost);
}

std::size_t
index::channel_size(std::string_view channel, subscription_kind kind) const {
  auto hit = find(kind, channel);
  return hit ? hit->size() : 0;
}

} // namespace saker::pubsub

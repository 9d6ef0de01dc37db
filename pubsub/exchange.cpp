#include "pubsub/exchange.hpp"

#include <map>
#include <unordered_map>

namespace saker::pubsub {

namespace {

/// A run is closed at this size, so that a slow subscriber frees memory in
/// pieces.
constexpr std::size_t max_run = std::size_t{256} * 1024;

} // namespace

void exchange::subscribe(subscriber_id id, subscription_kind kind,
                         std::string_view name, resp::protocol dialect) {
  close_run();
  known_ = false;
  index_.join(id).protocol = dialect;
  index_.subscribe(id, kind, name);
}

void exchange::unsubscribe(subscriber_id id, subscription_kind kind,
                           std::string_view name) {
  close_run();
  known_ = false;
  index_.unsubscribe(id, kind, name);
}

void exchange::unsubscribe_all(subscriber_id id) {
  close_run();
  known_ = false;
  index_.unsubscribe_all(id);
}

void exchange::switch_protocol(subscriber_id id, resp::protocol dialect) {
  close_run();
  if (auto who = index_.find(id))
    who->protocol = dialect;
}

void exchange::drop(subscriber_id id) {
  close_run();
  known_ = false;
  if (auto who = index_.find(id)) {
    take_off_queue(*who);
    index_.drop(id);
  }
}

std::size_t
exchange::publish(std::string_view channel, std::string_view payload,
                  subscription_kind kind) {
  look_up(channel, kind);
  auto receivers = audience_.size();
  if (receivers > 0)
    add_to_run(payload);
  return receivers;
}

void exchange::show(std::string_view lines) {
  look_up({}, subscription_kind::monitor);
  if (audience_.channel)
    add_to_run(lines);
}

std::vector<shared_bytes> exchange::flush_one(subscriber_id id) {
  close_run();
  auto who = index_.find(id);
  if (!who)
    return {};
  take_off_queue(*who);
  return std::exchange(who->outbox, {});
}

// -- the run -------------------------------------------------------------------

/// Finds out who gets what is published there, unless that is known from the
/// message before.
void exchange::look_up(std::string_view channel, subscription_kind kind) {
  if (known_ && kind == kind_ && channel == channel_)
    return;
  close_run();
  channel_ = channel;
  kind_ = kind;
  index_.find_audience(channel, audience_, kind);
  known_ = true;
}

void exchange::open_run() {
  if (audience_.channel && kind_ == subscription_kind::monitor)
    ways_.push_back(batch::of_lines());
  else if (audience_.channel && kind_ == subscription_kind::shard)
    ways_.push_back(batch::of_shard(channel_));
  else if (audience_.channel)
    ways_.push_back(batch::of_channel(channel_));
  for (auto pattern : audience_.patterns)
    ways_.push_back(batch::of_pattern(pattern->name(), channel_));
}

void exchange::add_to_run(std::string_view payload) {
  if (run_size_ > max_run)
    close_run();
  if (ways_.empty())
    open_run();
  run_size_ = 0;
  for (auto& x : ways_) {
    x.add(payload);
    run_size_ += x.size();
  }
}

/// Hands the joined messages out to those who get them.
void exchange::close_run() {
  if (run_size_ > 0 && ways_.size() == 1)
    way(0).for_each([this](subscriber& who) { give(who, ways_[0]); });
  else if (run_size_ > 0)
    hand_out_ways();
  run_size_ = 0;
  ways_.clear();
}

/// What of `audience_` belongs to an item of `ways_`.
const topic& exchange::way(std::size_t number) const noexcept {
  if (audience_.channel && number == 0)
    return *audience_.channel;
  return *audience_.patterns[number - (audience_.channel ? 1 : 0)];
}

/// Somebody may get it in several ways.
void exchange::hand_out_ways() {
  ++run_;
  for (std::size_t i = 0; i < ways_.size(); ++i)
    way(i).for_each([this](subscriber& who) {
      who.ways = std::exchange(who.met_in, run_) == run_ ? who.ways + 1 : 1;
    });
  std::vector<subscriber*> several;
  for (std::size_t i = 0; i < ways_.size(); ++i)
    way(i).for_each([&](subscriber& who) {
      if (who.ways == 1)
        give(who, ways_[i]);
      else if (std::exchange(who.met_in, 0) == run_)
        several.push_back(&who);
    });
  if (!several.empty())
    hand_out_several(several);
}

/// Each message has to come in all ways before the next one: who has the same
/// ways shares their frames in that order.
void exchange::hand_out_several(const std::vector<subscriber*>& who) {
  std::unordered_map<subscriber*, std::vector<const batch*>> ways_of;
  for (auto x : who)
    ways_of.try_emplace(x);
  for (std::size_t i = 0; i < ways_.size(); ++i)
    way(i).for_each([&](subscriber& x) {
      if (x.ways > 1)
        ways_of[&x].push_back(&ways_[i]);
    });
  std::map<std::vector<const batch*>, batch> mixed;
  for (auto x : who) {
    auto& ways = ways_of[x];
    auto known = mixed.find(ways);
    if (known == mixed.end())
      known = mixed.emplace(ways, batch::of_parts(ways)).first;
    give(*x, known->second);
  }
}

void exchange::give(subscriber& who, batch& what) {
  if (who.queued_at == subscriber::not_queued) {
    who.queued_at = queue_.size();
    queue_.push_back(&who);
  }
  who.outbox.push_back(what.frames(who.protocol));
}

void exchange::take_off_queue(subscriber& who) {
  if (who.queued_at == subscriber::not_queued)
    return;
  queue_[who.queued_at] = nullptr;
  who.queued_at = subscriber::not_queued;
}

} // namespace saker::pubsub

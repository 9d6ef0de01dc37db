#include "pubsub/exchange.hpp"

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
  if (!known_ || kind != kind_ || channel != channel_ || run_.size() > max_run)
    open_run(channel, kind);
  auto receivers = audience_.size();
  if (receivers == 0)
    return 0;
  auto ways = audience_.patterns.size() + (audience_.channel ? 1 : 0);
  if (ways == 1) {
    run_.add(payload);
    return receivers;
  }
  // Somebody may get it in several ways; then each message has to come in all
  // of them before the next one. So these are not joined.
  if (audience_.channel) {
    auto one = batch::of_channel(channel);
    one.add(payload);
    hand_out(*audience_.channel, one);
  }
  for (auto pattern : audience_.patterns) {
    auto one = batch::of_pattern(pattern->name(), channel);
    one.add(payload);
    hand_out(*pattern, one);
  }
  return receivers;
}

void exchange::show(std::string_view lines) {
  constexpr auto kind = subscription_kind::monitor;
  if (!known_ || kind_ != kind || run_.size() > max_run)
    open_run({}, kind);
  if (audience_.channel)
    run_.add(lines);
}

std::vector<shared_bytes> exchange::flush_one(subscriber_id id) {
  close_run();
  auto who = index_.find(id);
  if (!who)
    return {};
  take_off_queue(*who);
  return std::exchange(who->outbox, {});
}

void exchange::open_run(std::string_view channel, subscription_kind kind) {
  close_run();
  channel_ = channel;
  kind_ = kind;
  index_.find_audience(channel, audience_, kind);
  known_ = true;
  if (kind == subscription_kind::monitor)
    run_ = batch::of_lines();
  else if (kind == subscription_kind::shard)
    run_ = batch::of_shard(channel);
  else if (audience_.channel)
    run_ = batch::of_channel(channel);
  else if (audience_.patterns.size() == 1)
    run_ = batch::of_pattern(audience_.patterns[0]->name(), channel);
}

/// Hands the joined messages out to the one topic that gets them.
void exchange::close_run() {
  if (run_.empty())
    return;
  hand_out(audience_.channel ? *audience_.channel : *audience_.patterns[0],
           run_);
  run_ = {};
  known_ = false;
}

void exchange::hand_out(const topic& to, batch& what) {
  to.for_each([&](subscriber& who) {
    if (who.queued_at == subscriber::not_queued) {
      who.queued_at = queue_.size();
      queue_.push_back(&who);
    }
    who.outbox.push_back(what.frames(who.protocol));
  });
}

void exchange::take_off_queue(subscriber& who) {
  if (who.queued_at == subscriber::not_queued)
    return;
  queue_[who.queued_at] = nullptr;
  who.queued_at = subscriber::not_queued;
}

} // namespace saker::pubsub

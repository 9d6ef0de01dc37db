// PUBLISH, SUBSCRIBE and their opposites, for channels, patterns and shards.
#include "acl/service_channels.hpp"
#include "session/session.hpp"

#include <algorithm>

namespace saker::session {

namespace {

/// PUBSUB NUMSUB counts while all others wait.
constexpr std::size_t most_counted = 10'000;

std::string_view verb(subscription_kind kind, bool on) noexcept {
  switch (kind) {
    case subscription_kind::channel: return on ? "subscribe" : "unsubscribe";
    case subscription_kind::pattern: return on ? "psubscribe" : "punsubscribe";
    case subscription_kind::shard: return on ? "ssubscribe" : "sunsubscribe";
    case subscription_kind::monitor: break;
  }
  return {};
}

/// `subscribe name count`, a nil name for "there was none".
void confirm(resp::writer out, std::string_view what,
             const std::string_view* name, std::size_t count) {
  out.push(3);
  out.bulk(what);
  name ? out.bulk(*name) : out.null();
  out.integer(static_cast<std::int64_t>(count));
}

bool publishes(resp::command_id what) noexcept {
  return what == resp::command_id::publish
         || what == resp::command_id::spublish;
}

} // namespace

/// What it listens to is still its, by the rules and by its rights. As in Redis it
/// may go on though it may not subscribe any more, but not where Saker tells of
/// services and of users.
bool session::may_listen() const {
  auto may_call = [this](std::initializer_list<std::string_view> words) {
    auto& what = *resp::find_command(*words.begin());
    return acl::check_call(*user_, what, {words.begin(), words.size()})
      .allowed();
  };
  auto named = [&](std::string_view command) {
    return [&, command](auto& x) {
      return acl::is_own_channel(x) ? may_call({command, x})
                                    : acl::allows_channel(*user_, x);
    };
  };
  auto pattern = [&](auto& x) {
    return acl::may_mean_own_channel(x) ? may_call({"psubscribe", x})
                                        : acl::allows_pattern(*user_, x);
  };
  return (!monitoring_ || may_call({"monitor"}))
         && std::all_of(channels_.begin(), channels_.end(), named("subscribe"))
         && std::all_of(shards_.begin(), shards_.end(), named("ssubscribe"))
         && std::all_of(patterns_.begin(), patterns_.end(), pattern);
}

/// Names that are too long, or too many: the text to reply; empty if they fit.
std::string
session::too_much(const resp::command_info& what, arguments args) const {
  using id = resp::command_id;
  auto subscribes = what.id == id::subscribe || what.id == id::psubscribe
                    || what.id == id::ssubscribe;
  if ((what.id == id::pubsub_numsub || what.id == id::pubsub_shardnumsub)
      && args.size() > most_counted + 2)
    return "ERR at most " + std::to_string(most_counted)
           + " channels can be asked for at once";
  auto words = args.subspan(1);
  if (publishes(what.id))
    words = words.first(1);
  else if (what.id == id::pubsub_channels
           || what.id == id::pubsub_shardchannels)
    words = args.subspan(2);
  else if (!subscribes)
    return {};
  for (auto name : words)
    if (name.size() > settings_->channel_name)
      return "ERR the name of a channel or pattern is longer than "
             + std::to_string(settings_->channel_name)
             + " bytes; [limits] channel-name is the limit";
  auto most = rights_.has(resp::right::control)
                ? settings_->subscriptions
                : settings_->guest_subscriptions;
  if (subscribes
      && channels_.size() + patterns_.size() + shards_.size() + words.size()
           > most)
    return "ERR a client may listen to " + std::to_string(most)
           + " channels and patterns; [limits] "
           + (most == settings_->subscriptions ? "" : "guest-")
           + "subscriptions is the limit";
  return {};
}

/// What a client listens to, by its kind.
session::names& session::listened(subscription_kind kind) noexcept {
  switch (kind) {
    case subscription_kind::pattern: return patterns_;
    case subscription_kind::shard: return shards_;
    case subscription_kind::channel:
    case subscription_kind::monitor: break; // which has no confirmations
  }
  return channels_;
}

/// The number in a confirmation: shards are counted on their own.
std::size_t session::confirmed(subscription_kind kind) const noexcept {
  return kind == subscription_kind::shard ? shards_.size()
                                          : channels_.size() + patterns_.size();
}

session::progress session::publish(subscription_kind kind, arguments args) {
  destination broker{resp::target::broker};
  if (!can_reach(broker))
    return progress::blocked;
  auto batch = effects_.empty() ? nullptr
                                : std::get_if<publish_batch>(&effects_.back());
  if (!batch)
    batch = &std::get<publish_batch>(
      effects_.emplace_back(publish_batch{reach(broker)}));
  batch->add(args[1], args[2], kind);
  replies_.promise_count(batch->id, protocol_, silent());
  return progress::done;
}

session::progress
session::subscribe_to(subscription_kind kind, arguments words) {
  // Confirmed at once; the broker's first frame cannot be here before.
  if (!can_reach({resp::target::broker}))
    return progress::blocked;
  auto& mine = listened(kind);
  subscribe change{kind, {}, protocol_};
  resp::writer out{replies_.now(), protocol_}; // CLIENT REPLY or not
  for (auto& name : words) {
    if (mine.find(name) == mine.end()) {
      mine.emplace(name);
      change.names.emplace_back(name);
    }
    confirm(out, verb(kind, true), &name, confirmed(kind));
  }
  if (!change.names.empty())
    effects_.emplace_back(std::move(change));
  return progress::done;
}

session::progress
session::unsubscribe_from(subscription_kind kind, arguments words) {
  if (!can_reach({resp::target::broker}))
    return progress::blocked;
  auto& mine = listened(kind);
  std::vector<std::string_view> all;
  if (words.empty()) {
    all.assign(mine.begin(), mine.end());
    words = all;
  }
  unsubscribe change{0, kind, {}};
  std::string text;
  resp::writer out{text, protocol_};
  for (auto name : words) {
    if (auto hit = mine.find(name); hit != mine.end()) {
      name = change.names.emplace_back(*hit); // it may point into `mine`
      mine.erase(hit);
    }
    confirm(out, verb(kind, false), &name, confirmed(kind));
  }
  if (words.empty())
    confirm(out, verb(kind, false), nullptr, confirmed(kind));
  if (change.names.empty()) {
    replies_.now() += text;
    return progress::done;
  }
  // The confirmation is the promise that no message follows: it waits until
  // the broker has handed over what was on its way.
  change.id = reach({resp::target::broker});
  replies_.promise(change.id, std::move(text));
  effects_.emplace_back(std::move(change));
  return progress::done;
}

} // namespace saker::session

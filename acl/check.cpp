#include "acl/check.hpp"

#include "acl/service_channels.hpp"
#include "pubsub/glob.hpp"

#include <algorithm>
#include <optional>

namespace saker::acl {

namespace {

bool may_be_of(std::string_view name, bool pattern, std::string_view family) {
  return pattern ? pubsub::glob_may_begin_with(name, family)
                 : name.starts_with(family);
}

/// Output of services is heard by those who control them, events by those who
/// may look at them, and who did what by those who could change the rules.
bool may_hear(const user& who, std::string_view name, bool pattern) {
  using resp::right;
  if (!(pattern ? may_mean_own_channel(name) : is_own_channel(name)))
    return true; // of those there may be many
  auto output = may_be_of(name, pattern, output_channels);
  if ((output && !who.rights().has(right::control))
      || (may_be_of(name, pattern, audit_channels)
          && !who.rights().has(right::admin)))
    return false;
  auto reach = services_with(who, output ? right::control : right::none);
  return pattern ? is_pattern_within(reach, name, output)
                 : is_channel_within(reach, name, output);
}

/// The words of a call that name channels, and whether they are patterns.
struct channel_words {
  arguments names;
  bool patterns = false;
};

channel_words channels_of(resp::command_id what, arguments args) noexcept {
  using id = resp::command_id;
  switch (what) {
    case id::publish:
    case id::spublish: return {args.subspan(1, 1)};
    case id::subscribe:
    case id::ssubscribe: return {args.subspan(1)};
    case id::psubscribe: return {args.subspan(1), true};
    default: return {};
  }
}

struct selector_verdict : verdict {
  std::size_t reached = 0; ///< words that were in order
};

selector_verdict
check(const selector& by, const resp::command_info& what, arguments args) {
  if (!by.commands().allows(what, args))
    return {{denial::command, what.name}};
  if (by.every_channel())
    return {};
  auto [names, patterns] = channels_of(what.id, args);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!(patterns ? by.allows_pattern(names[i]) : by.allows_channel(names[i])))
      return {{denial::channel, names[i]}, i};
  return {};
}

/// What is true of each user, whatever the rules.
verdict check_own(const user& who, resp::command_id what, arguments args) {
  using id = resp::command_id;
  auto [names, patterns] = channels_of(what, args);
  auto sends = what == id::publish || what == id::spublish;
  for (auto x : names) {
    if (sends) {
      if (is_own_channel(x))
        return {denial::channel, x, true};
    } else if (!may_hear(who, x, patterns)) {
      return {denial::channel, x};
    }
  }
  return {};
}

} // namespace

verdict
check_call(const user& who, const resp::command_info& what, arguments args) {
  selector_verdict worst{{denial::command, what.name}};
  for (auto& x : who.selectors()) {
    auto one = check(x, what, args);
    if (one.allowed())
      return check_own(who, what.id, args);
    if (one.why > worst.why
        || (one.why == worst.why && one.reached > worst.reached))
      worst = one;
  }
  return worst;
}

namespace {

template <class F>
shared_services services_where(const user& who, F whole) {
  service_masks all;
  for (auto& x : who.selectors()) {
    auto how = whole(x);
    if (!how)
      continue;
    auto some = x.services();
    if (x.every_service() && *how)
      return nullptr;
    if (x.every_service())
      some = {*parse_service_mask("*", true, true)};
    for (auto& y : some) {
      y.change = y.change && *how;
      all.push_back(std::move(y));
    }
  }
  return std::make_shared<const service_masks>(std::move(all));
}

} // namespace

shared_services
services_of(const user& who, const resp::command_info& what, arguments args) {
  using resp::right;
  // Who may look at some and control others sees the output of the latter only.
  auto looks = what.right == right::status && who.rights().has(right::control);
  return services_where(who, [&](auto& x) -> std::optional<bool> {
    if (!check(x, what, args).allowed())
      return std::nullopt;
    return !looks || x.commands().rights().has(right::control);
  });
}

shared_services services_with(const user& who, resp::right needed) {
  return services_where(who, [&](auto& x) -> std::optional<bool> {
    auto has = needed == resp::right::none || x.commands().rights().has(needed);
    return has ? std::optional{true} : std::nullopt;
  });
}

bool reaches_services(resp::right needed) noexcept {
  return needed == resp::right::control || needed == resp::right::admin;
}

bool allows_alias(const user& who, std::string_view name, resp::right needed,
                  const alias_finder& means) {
  static const auto call = resp::find_command("call");
  return std::any_of(
    who.selectors().begin(), who.selectors().end(), [&](auto& x) {
      auto& commands = x.commands();
      auto named = commands.arguments_of(*call);
      return (commands.allows(call->id) && commands.rights().has(needed)
              && (x.every_service() || !reaches_services(needed)))
             || std::any_of(named.begin(), named.end(),
                            [&](auto& y) { return means(y) == name; });
    });
}

resp::rights
rights_for(const user& who, const resp::command_info& what, arguments args) {
  using resp::right;
  resp::rights all;
  for (auto& x : who.selectors()) {
    if (!x.commands().allows(what, args))
      continue;
    for (auto y : {right::status, right::events, right::control, right::script,
                   right::admin})
      if (x.commands().rights().has(y)
          && (x.every_service() || !reaches_services(y)))
        all.add(y);
  }
  return all;
}

bool allows_channel(const user& who, std::string_view name) {
  return std::any_of(who.selectors().begin(), who.selectors().end(),
                     [name](auto& x) { return x.allows_channel(name); })
         && may_hear(who, name, false);
}

bool allows_pattern(const user& who, std::string_view pattern) {
  return std::any_of(who.selectors().begin(), who.selectors().end(),
                     [pattern](auto& x) { return x.allows_pattern(pattern); })
         && may_hear(who, pattern, true);
}

std::string describe(const verdict& x) {
  auto object = std::string{x.object};
  switch (x.why) {
    case denial::none: return "OK";
    case denial::command:
      return "This user has no permissions to run the '" + object + "' command";
    case denial::key:
      return "This user has no permissions to access the '" + object + "' key";
    case denial::channel: break;
  }
  return "This user has no permissions to access the '" + object + "' channel";
}

std::string refusal(const verdict& x) {
  auto text = std::string{"NOPERM this user has no permissions to "};
  switch (x.why) {
    case denial::none: return {};
    case denial::command:
      return text + "run the '" + std::string{x.object} + "' command";
    case denial::key: return text + "access one of the keys used as arguments";
    case denial::channel: break;
  }
  return text + "access one of the channels used as arguments";
}

} // namespace saker::acl

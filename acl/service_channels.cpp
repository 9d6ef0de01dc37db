#include "acl/service_channels.hpp"

#include "base/text.hpp"
#include "pubsub/glob.hpp"

#include <algorithm>
#include <optional>

namespace saker::acl {

namespace {

constexpr std::string_view wild = "*?[\\";
constexpr std::string_view only_digits = "0123456789";

/// What stands before the next `:`, which is taken off too. Nothing: there is
/// none.
std::optional<std::string_view> take_part(std::string_view& from) {
  auto colon = from.find(':');
  if (colon == from.npos)
    return std::nullopt;
  auto part = from.substr(0, colon);
  from.remove_prefix(colon + 1);
  return part;
}

/// `web`, `*`, `web*`; nothing where a glob says more.
struct beginning {
  std::string_view text;
  bool open = false; ///< `*` follows
};

std::optional<beginning> beginning_of(std::string_view glob) {
  auto end = glob.find_first_of(wild);
  if (end == glob.npos)
    return beginning{glob};
  if (glob.substr(end) != "*")
    return std::nullopt;
  return beginning{glob.substr(0, end), true};
}

bool covers(const service_mask& mask, std::string_view node,
            const beginning& name) {
  if (!mask.whole() || !mask.group.empty()
      || !(mask.node.empty() || mask.node == node))
    return false;
  if (!name.open)
    return pubsub::glob_match(mask.name, name.text);
  auto mine = beginning_of(mask.name);
  return mine && mine->open && name.text.starts_with(mine->text);
}

} // namespace

bool may_mean_own_channel(std::string_view pattern) noexcept {
  return pubsub::glob_may_begin_with(pattern, event_channels)
         || pubsub::glob_may_begin_with(pattern, output_channels)
         || pubsub::glob_may_begin_with(pattern, audit_channels);
}

bool is_channel_within(const shared_services& reach, std::string_view channel,
                       bool change) {
  auto event = channel.starts_with(event_channels);
  if (!reach || !(event || channel.starts_with(output_channels)))
    return true;
  channel.remove_prefix((event ? event_channels : output_channels).size());
  auto node = take_part(channel);
  if (!node)
    return false;
  auto name = take_part(channel);
  auto index = name ? parse_integer(channel.substr(0, channel.find(':')))
                    : std::nullopt;
  instance_name who{*node,
                    name.value_or(channel),
                    static_cast<std::uint32_t>(index.value_or(0)),
                    {}};
  return change ? may_change(reach, who) : may_look(reach, who);
}

bool may_know_of(resp::rights rights, const shared_services& reach,
                 std::string_view channel) {
  if (channel.starts_with(audit_channels))
    return rights.has(resp::right::admin);
  auto output = channel.starts_with(output_channels);
  return (!output || rights.has(resp::right::control))
         && is_channel_within(reach, channel, output);
}

bool is_pattern_within(const shared_services& reach, std::string_view pattern,
                       bool change) {
  if (!reach
      || !(pubsub::glob_may_begin_with(pattern, event_channels)
           || pubsub::glob_may_begin_with(pattern, output_channels)))
    return true;
  auto event = pattern.starts_with(event_channels);
  if (!event && !pattern.starts_with(output_channels))
    return false;
  pattern.remove_prefix((event ? event_channels : output_channels).size());
  auto node = take_part(pattern);
  if (!node || (*node != "*" && node->find_first_of(wild) != node->npos))
    return false;
  auto more = pattern.find(':') != pattern.npos;
  auto name = beginning_of(pattern.substr(0, pattern.find(':')));
  // A `*` also means `n1:db`. Then a number must not be taken for a name, nor an
  // event, behind which nothing comes.
  if (!name || name->text.find_first_not_of(only_digits) == name->text.npos
      || (event && *node == "*" && !more))
    return false;
  return std::any_of(reach->begin(), reach->end(), [&](auto& x) {
    return (change ? x.change : x.look) && covers(x, *node, *name);
  });
}

} // namespace saker::acl

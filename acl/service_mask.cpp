#include "acl/service_mask.hpp"

#include "pubsub/glob.hpp"

#include <algorithm>

namespace saker::acl {

namespace {

constexpr std::string_view wild_bytes = "*?[\\";

/// Does all that `asked` means match `glob`?
bool is_within(std::string_view glob, std::string_view asked) {
  auto end = asked.find_first_of(wild_bytes);
  if (end == asked.npos)
    return pubsub::glob_match(glob, asked);
  auto open = glob.find_first_of(wild_bytes);
  return glob == asked
         || (glob.substr(std::min(open, glob.size())) == "*"
             && asked.substr(0, end).starts_with(glob.substr(0, open)));
}

template <class F>
bool any(const shared_services& reach, F allows) {
  return !reach || std::any_of(reach->begin(), reach->end(), allows);
}

} // namespace

// The same forms as supervision/mask.hpp, which knows commands, not users: there
// a mask without a node means this one, here it means wherever it is.
std::optional<service_mask>
parse_service_mask(std::string_view text, bool look, bool change) {
  service_mask x;
  x.text = text;
  x.look = look;
  x.change = change;
  if (auto at = text.rfind('@'); at != text.npos) {
    x.node = text.substr(at + 1);
    text = text.substr(0, at);
    if (x.node.empty())
      return std::nullopt;
    if (text.empty())
      return x;
  }
  if (text.starts_with('%')) {
    x.group = text.substr(1);
    return x.group.empty() ? std::nullopt : std::optional{x};
  }
  auto colon = text.find(':');
  x.name = text.substr(0, colon);
  if (colon != text.npos)
    x.index = text.substr(colon + 1);
  if (x.name.empty() || (colon != text.npos && x.index.empty()))
    return std::nullopt;
  return x;
}

bool service_mask::means(const instance_name& who) const {
  if (!node.empty() && !pubsub::glob_match(node, who.node))
    return false;
  if (group.empty())
    return pubsub::glob_match(name, who.name);
  return std::any_of(who.groups.begin(), who.groups.end(),
                     [this](auto& x) { return pubsub::glob_match(group, x); });
}

bool service_mask::matches(const instance_name& who) const {
  return means(who)
         && (whole() || pubsub::glob_match(index, std::to_string(who.index)));
}

bool service_mask::covers(const service_mask& other) const {
  if (!node.empty() && !is_within(node, other.node))
    return false;
  if (!whole() && (other.index.empty() || !is_within(index, other.index)))
    return false;
  if (!group.empty())
    return !other.group.empty() && is_within(group, other.group);
  return other.group.empty() ? is_within(name, other.name) : name == "*";
}

bool service_mask::matches_whole(const instance_name& who) const {
  return whole() && means(who);
}

bool may_look(const shared_services& reach, const instance_name& who) {
  return any(reach, [&](auto& x) { return x.look && x.matches(who); });
}

bool may_change(const shared_services& reach, const instance_name& who) {
  return any(reach, [&](auto& x) { return x.change && x.matches(who); });
}

bool may_change_whole(const shared_services& reach, const instance_name& who) {
  return any(reach, [&](auto& x) { return x.change && x.matches_whole(who); });
}

std::string changeable(const shared_services& reach) {
  if (!reach)
    return "*";
  std::string text;
  for (auto& x : *reach)
    if (x.change)
      text += (text.empty() ? "" : ", ") + x.text;
  return text.empty() ? "nothing" : text;
}

} // namespace saker::acl

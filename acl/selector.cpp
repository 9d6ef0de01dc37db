#include "acl/selector.hpp"

#include "base/text.hpp"
#include "pubsub/glob.hpp"

#include <algorithm>

namespace saker::acl {

namespace {

constexpr complaint after_all_keys
  = "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid "
    "and does not have any effect. Try 'resetkeys' to start with an empty list "
    "of patterns";
constexpr complaint after_all_channels
  = "Adding a pattern after the * pattern (or the 'allchannels' flag) is not "
    "valid and does not have any effect. Try 'resetchannels' to start with an "
    "empty list of channels";

constexpr complaint too_many_keys = "A user can have at most 1000 patterns of "
                                    "keys and services in one selector";
constexpr std::size_t most_keys = 1000;

constexpr std::string_view service_keys = "service:";

/// What a glob may hold that does not stand for itself.
constexpr std::string_view wildcards = "*?[\\";

} // namespace

// -- changing ------------------------------------------------------------------

complaint selector::change(std::string_view rule) {
  auto is = [rule](std::string_view x) { return equal_ignoring_case(rule, x); };
  if (rule.empty())
    return {};
  if (is("allkeys") || is("~*") || is("resetkeys")) {
    every_key_ = !is("resetkeys");
    keys_.clear();
  } else if (is("allchannels") || is("&*") || is("resetchannels")) {
    every_channel_ = !is("resetchannels");
    channels_.clear();
  } else if (rule[0] == '~' || rule[0] == '%') {
    return add_key(rule);
  } else if (rule[0] == '&') {
    return add_channel(rule.substr(1));
  } else {
    return commands_.change(rule);
  }
  return {};
}

complaint selector::add_key(std::string_view rule) {
  if (every_key_)
    return after_all_keys;
  auto read = rule[0] == '~';
  auto write = read;
  std::size_t at = 1;
  if (rule[0] == '%') {
    for (; at < rule.size() && rule[at] != '~'; ++at) {
      auto& kind = rule[at] == 'R' || rule[at] == 'r' ? read : write;
      if (kind || std::string_view{"RrWw"}.find(rule[at]) == rule.npos)
        return syntax_error;
      kind = true;
    }
    at = std::min(at + 1, rule.size());
  }
  auto glob = rule.substr(at);
  if (!(read || write) || has_blanks(glob))
    return syntax_error;
  for (auto& x : keys_)
    if (x.glob == glob) {
      x.read = x.read || read;
      x.write = x.write || write;
      return {};
    }
  if (keys_.size() >= most_keys)
    return too_many_keys;
  keys_.push_back({std::string{glob}, read, write});
  return {};
}

complaint selector::add_channel(std::string_view glob) {
  if (every_channel_)
    return after_all_channels;
  if (has_blanks(glob))
    return syntax_error;
  channels_.add(glob);
  return {};
}

// -- asking --------------------------------------------------------------------

bool selector::allows_channel(std::string_view name) const noexcept {
  if (every_channel_)
    return true;
  // A name without wildcards is the glob that matches it.
  if (name.find_first_of(wildcards) == name.npos && channels_.contains(name))
    return true;
  auto& all = channels_.all();
  return std::any_of(all.begin(), all.end(),
                     [name](auto& x) { return pubsub::glob_match(x, name); });
}

bool selector::allows_pattern(std::string_view pattern) const noexcept {
  return every_channel_ || channels_.contains(pattern);
}

service_masks selector::services() const {
  service_masks all;
  for (auto& x : keys_)
    if (x.glob.starts_with(service_keys))
      if (auto one = parse_service_mask(
            std::string_view{x.glob}.substr(service_keys.size()), x.read,
            x.write))
        all.push_back(std::move(*one));
  return all;
}

// -- telling -------------------------------------------------------------------

std::string selector::keys() const {
  if (every_key_)
    return "~*";
  std::string text;
  for (auto& x : keys_) {
    text += text.empty() ? "" : " ";
    text += !x.write ? "%R~" : !x.read ? "%W~" : "~";
    text += x.glob;
  }
  return text;
}

std::string selector::channels() const {
  if (every_channel_)
    return "&*";
  std::string text;
  for (auto& x : channels_.all())
    text += (text.empty() ? "&" : " &") + x;
  return text;
}

std::string selector::describe() const {
  std::string text;
  auto add = [&text](const std::string& x) {
    text += text.empty() || x.empty() ? "" : " ";
    text += x;
  };
  add(keys());
  add(every_channel_ ? "" : "resetchannels");
  add(channels());
  add(commands_.describe());
  return text;
}

} // namespace saker::acl

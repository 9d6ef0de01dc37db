#include "base/text.hpp"
#include "config/key_table.hpp"

#include <algorithm>

namespace saker::config {

namespace {

constexpr std::string_view later_keys[] = {
  "legacy-commands",
  "web.listen",
  "web.hosts",
  "web.metrics",
};

template <class F>
void for_each_key(F f) {
  for (auto part : {keys_of_node(), keys_of_clients(), keys_of_lua(),
                    keys_of_log(), keys_of_cluster()})
    for (auto& x : part)
      f(x);
}

bool inside(std::string_view name, std::string_view section) {
  return name.size() > section.size() && name.starts_with(section)
         && name[section.size()] == '.';
}

std::vector<std::string_view> all_names() {
  std::vector<std::string_view> result;
  for_each_key([&](auto& x) { result.push_back(x.name); });
  for (auto x : later_keys)
    result.push_back(x);
  return result;
}

/// The words that may stand directly in `section`, sections included.
std::vector<std::string> words_of(std::string_view section) {
  std::vector<std::string> result;
  if (section.empty())
    result.insert(result.end(), {"users", "redis"});
  for (auto name : all_names()) {
    if (!section.empty() && !inside(name, section))
      continue;
    if (!section.empty())
      name.remove_prefix(section.size() + 1);
    auto word = std::string{name.substr(0, name.find('.'))};
    if (std::find(result.begin(), result.end(), word) == result.end())
      result.push_back(std::move(word));
  }
  return result;
}

} // namespace

key_kind kind_of(std::string_view name) {
  if (name == "users")
    return key_kind::users;
  if (name == "redis")
    return key_kind::section;
  if (inside(name, "redis"))
    return key_kind::parameter;
  auto found = key_kind::unknown;
  for_each_key([&](auto& x) {
    if (x.name == name)
      found = key_kind::available;
    else if (found == key_kind::unknown && inside(x.name, name))
      found = key_kind::section;
  });
  if (found != key_kind::unknown)
    return found;
  for (auto x : later_keys) {
    if (x == name)
      return key_kind::later;
    if (inside(x, name))
      return key_kind::later_section;
  }
  return key_kind::unknown;
}

std::vector<std::string> available_keys() {
  std::vector<std::string> result;
  for_each_key([&](auto& x) { result.emplace_back(x.name); });
  return result;
}

void read_key(const slot& from, draft& into) {
  for_each_key([&](auto& x) {
    if (x.name == from.key())
      x.read(from, into);
  });
  if (from.key().starts_with("tls."))
    into.tls_slots.insert_or_assign(from.key(), from);
  if (from.key().starts_with("cluster."))
    into.cluster_slots.insert_or_assign(from.key(), from);
}

void read_path(const slot& from, std::string& path) {
  auto value = from.text();
  if (!value)
    return;
  if (value->empty())
    return from.refuse("must not be empty");
  path = std::move(*value);
}

std::string unknown_key(std::string_view section, std::string_view word) {
  std::string result = "unknown key";
  auto near = did_you_mean(word, words_of(section));
  if (!near.empty())
    return result + near;
  for (auto name : all_names()) {
    if (name == word)
      return result + " of [" + std::string{section}
             + "]; keys without a section stand above the first [section]";
    if (name.ends_with('.' + std::string{word}))
      return result + " (did you mean \"" + std::string{name} + "\"?)";
  }
  return result;
}

} // namespace saker::config

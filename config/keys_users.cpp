#include "acl/password.hpp"
#include "acl/service_mask.hpp"
#include "base/text.hpp"
#include "config/keys.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace saker::config {

namespace {

constexpr auto all_rights = std::array{
  right::status, right::events, right::control, right::script, right::admin};

const std::vector<std::string> user_words{"password-hash", "rights", "channels",
                                          "services", "rules"};

void read_rights(const slot& from, std::set<right>& rights) {
  std::vector<std::string> words, known;
  from.read(words);
  for (auto x : all_rights)
    known.emplace_back(to_string(x));
  std::set<right> result;
  for (auto& word : words) {
    auto i = std::find(known.begin(), known.end(), word);
    if (i == known.end())
      return from.refuse("there is no right \"" + printable(word, 40)
                         + "\", only status, events, control, script, admin"
                         + did_you_mean(word, known));
    result.insert(all_rights[static_cast<std::size_t>(i - known.begin())]);
  }
  rights = std::move(result);
}

} // namespace

user_settings& draft::user(const std::string& name) {
  auto [i, made] = value.users.try_emplace(name);
  if (made && name == "guest")
    i->second.rights = {right::status, right::events};
  return i->second;
}

void read_user_key(const slot& from, std::string_view word,
                   user_settings& into) {
  if (word == "password-hash") {
    std::string hash;
    from.read(hash);
    if (!hash.empty() && !acl::is_password_hash(hash))
      return from.refuse("must be the SHA-256 of the password, 64 hex digits; "
                         "type: printf %s PASSWORD | sha256sum");
    into.password_hash = to_lower(hash);
  } else if (word == "rights") {
    read_rights(from, into.rights);
  } else if (word == "channels") {
    from.read(into.channels);
  } else if (word == "services") {
    from.read(into.services);
    // A limit that means nothing is worse than none.
    for (auto& x : into.services)
      if (!acl::parse_service_mask(x, true, true))
        from.refuse('"' + printable(x, 60)
                    + "\" names no service; write web, web*, api:0, %front or "
                      "web@n2");
  } else if (word == "rules") {
    from.read(into.rules);
  } else {
    from.refuse(unknown_user_key(word));
  }
}

std::string unknown_user_key(std::string_view word) {
  return "unknown key" + did_you_mean(word, user_words);
}

std::string_view to_string(right x) noexcept {
  constexpr std::string_view names[] = {"status", "events", "control", "script",
                                        "admin"};
  return names[static_cast<std::size_t>(x)];
}

} // namespace saker::config

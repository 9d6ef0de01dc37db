#include "session/secret_words.hpp"

#include "base/text.hpp"
#include "resp/number.hpp"
#include "session/parameter_table.hpp"
#include "supervision/secrets.hpp"

#include <algorithm>
#include <iterator>

namespace saker::session {

namespace {

using word_list = std::span<std::string_view>;

const resp::command_info* command_in(word_list words) {
  auto what = resp::find_command(words[0]);
  auto part = what && words.size() > 1 ? resp::find_subcommand(*what, words[1])
                                       : nullptr;
  return part ? part : what;
}

void hide_from(word_list all, std::size_t first) {
  for (auto i = first; i < all.size(); ++i)
    all[i] = redacted;
}

/// HELLO [version] [AUTH user password] [SETNAME name]. Behind what is none of
/// these a password may stand anywhere.
void hide_login(word_list hello) {
  std::size_t i = 1;
  if (i < hello.size() && resp::strict_integer(hello[i]))
    ++i;
  while (i < hello.size())
    if (equal_ignoring_case(hello[i], "SETNAME")) {
      i += 2;
    } else if (equal_ignoring_case(hello[i], "AUTH")) {
      for (auto last = std::min(i + 3, hello.size()); ++i < last;)
        hello[i] = redacted;
    } else {
      return hide_from(hello, i);
    }
}

bool is_secret_parameter(std::string_view name) {
  constexpr std::string_view secret[]{"requirepass", "masterauth",
                                      "tls-key-file-pass",
                                      "tls-client-key-file-pass"};
  return std::any_of(std::begin(secret), std::end(secret),
                     [&](auto x) { return equal_ignoring_case(name, x); });
}

/// There is no such parameter, and the one that was meant may be a password.
bool is_nearly_secret(std::string_view name) {
  constexpr std::size_t longest = 64;
  static const std::vector<std::string> known{"masterauth", "requirepass"};
  return name.size() <= longest && !find_parameter(name)
         && (supervision::is_secret_name(name)
             || !near_matches(to_lower(name), known).empty());
}

/// Behind each name of a password, also where a value was forgotten.
void hide_parameters(word_list config_set) {
  auto behind_secret = false;
  for (std::size_t i = 2; i < config_set.size(); ++i) {
    auto name = i % 2 == 0;
    auto secret = is_secret_parameter(config_set[i])
                  || (name && is_nearly_secret(config_set[i]));
    if (behind_secret)
      config_set[i] = redacted;
    behind_secret = secret;
  }
}

void hide_passwords(resp::command_id what, word_list words) {
  using id = resp::command_id;
  switch (what) {
    case id::auth: return hide_from(words, 1);
    case id::hello: return hide_login(words);
    case id::acl_setuser: return hide_from(words, 2); // the name too, as Redis
    case id::config_set: return hide_parameters(words);
    default: break;
  }
}

/// Where the command begins that a command is about; zero: about none.
std::size_t other_command_in(resp::command_id what) noexcept {
  using id = resp::command_id;
  switch (what) {
    case id::acl_dryrun: return 3;
    case id::command_getkeys:
    case id::command_getkeysandflags: return 2;
    case id::call:
    case id::exec: return 1;
    default: return 0;
  }
}

} // namespace

std::vector<std::string_view>
without_passwords(const resp::command_info* what,
                  std::span<const std::string_view> args) {
  std::vector<std::string_view> all{args.begin(), args.end()};
  word_list rest{all};
  if (!rest.empty() && (!what || resp::has(what->flags, resp::flag::container)))
    what = command_in(rest);
  while (what) {
    hide_passwords(what->id, rest);
    auto next = other_command_in(what->id);
    if (next == 0 || next >= rest.size())
      break;
    rest = rest.subspan(next);
    what = command_in(rest);
  }
  return all;
}

bool is_nearly_login(std::string_view name) {
  constexpr std::size_t longest = 20;
  static const std::vector<std::string> known{
    "acl", "auth", "authenticate", "config", "hello", "login", "pass"};
  return name.size() <= longest && !near_matches(to_lower(name), known).empty();
}

} // namespace saker::session

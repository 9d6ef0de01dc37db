#include "acl/user.hpp"

#include "acl/password.hpp"
#include "base/text.hpp"

#include <algorithm>

#include <openssl/crypto.h>

namespace saker::acl {

namespace {

constexpr complaint no_hash
  = "The password hash must be exactly 64 characters and contain only "
    "lowercase hexadecimal characters";
constexpr complaint no_such_password
  = "The password you are trying to remove from the user does not exist";
constexpr complaint too_many_passwords
  = "A user can have at most 1000 passwords";
constexpr complaint too_long = "A password can have at most 65536 bytes";
constexpr std::size_t most_passwords = 1000;

bool is_lower(std::string_view hash) noexcept {
  return hash.find_first_of("ABCDEF") == hash.npos;
}

} // namespace

// -- changing ------------------------------------------------------------------

complaint user::change(std::string_view rule) {
  auto is = [rule](std::string_view x) { return equal_ignoring_case(rule, x); };
  if (rule.empty())
    return {};
  if (is("on") || is("off")) {
    on_ = is("on");
  } else if (is("nopass") || is("resetpass")) {
    open_ = is("nopass");
    passwords_.clear();
  } else if (is("sanitize-payload")) {
    payload_ = payload::sanitized;
  } else if (is("skip-sanitize-payload")) {
    payload_ = payload::trusted;
  } else if (is("clearselectors")) {
    selectors_.resize(1);
  } else if (is("reset")) {
    reset();
  } else if (std::string_view{"><#!"}.find(rule[0]) != rule.npos) {
    return change_password(rule);
  } else if (rule[0] == '(' && rule.back() == ')') {
    return add_selector(rule.substr(1, rule.size() - 2));
  } else {
    return selectors_[0].change(rule);
  }
  return {};
}

complaint user::change_password(std::string_view rule) {
  auto text = rule.substr(1);
  auto hashed = rule[0] == '#' || rule[0] == '!';
  if (hashed && !(is_password_hash(text) && is_lower(text)))
    return no_hash;
  if (!hashed && text.size() > longest_password)
    return too_long;
  auto hash = hashed ? std::string{text} : password_hash(text);
  auto known = std::find(passwords_.begin(), passwords_.end(), hash);
  if (rule[0] == '<' || rule[0] == '!') {
    if (known == passwords_.end())
      return no_such_password;
    passwords_.erase(known);
    return {};
  }
  if (hash.empty())
    return no_hash; // the library could not make one
  if (known == passwords_.end()) {
    if (passwords_.size() >= most_passwords)
      return too_many_passwords;
    passwords_.push_back(std::move(hash));
  }
  open_ = false;
  return {};
}

complaint user::add_selector(std::string_view rules) {
  selector next{every_channel_};
  for (auto rule : split(rules, ' ')) {
    // Where it is listed this would be the end of the selector.
    auto no = rule.ends_with(')') ? syntax_error : next.change(rule);
    if (!no.empty())
      return no;
  }
  selectors_.push_back(std::move(next));
  return {};
}

void user::reset() {
  *this = user{std::move(name_), number_, every_channel_};
  payload_ = payload::sanitized;
}

// -- asking --------------------------------------------------------------------

bool user::has_password(std::string_view hash) const noexcept {
  auto found = false;
  for (auto& x : passwords_)
    if (x.size() == hash.size()
        && CRYPTO_memcmp(x.data(), hash.data(), hash.size()) == 0)
      found = true;
  return found;
}

resp::rights user::rights() const noexcept {
  using resp::right;
  resp::rights all;
  for (auto& x : selectors_)
    for (auto y : {right::status, right::events, right::control, right::script,
                   right::admin})
      if (x.commands().rights().has(y))
        all.add(y);
  return all;
}

std::vector<std::string_view> user::flags() const {
  std::vector<std::string_view> all{on_ ? "on" : "off"};
  if (open_)
    all.emplace_back("nopass");
  if (payload_ != payload::unsaid)
    all.emplace_back(payload_ == payload::sanitized ? "sanitize-payload"
                                                    : "skip-sanitize-payload");
  return all;
}

std::string user::describe() const {
  std::string text;
  for (auto x : flags()) {
    text += x;
    text += ' ';
  }
  for (auto& x : passwords_)
    text += '#' + x + ' ';
  text += selectors_[0].describe();
  for (auto& x : selectors().subspan(1))
    text += " (" + x.describe() + ')';
  return text;
}

} // namespace saker::acl

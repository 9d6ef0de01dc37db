#include "acl/user_list.hpp"

#include "acl/whole_rule.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <set>

namespace saker::acl {

namespace {

constexpr std::string_view bad_name
  = "Usernames can't contain spaces or null characters";

/// Of a file. One that is something else may have a fault in each line.
constexpr std::size_t faults_told = 20;

/// Nor be empty: the line of such a user would name another.
bool is_name(std::string_view x) noexcept {
  return !x.empty() && !has_blanks(x);
}

/// Blanks and tabs, as many as there are.
std::vector<std::string> words_of(std::string_view line) {
  constexpr std::string_view blanks = " \t\r\n";
  std::vector<std::string> words;
  for (std::size_t end = 0;;) {
    auto begin = line.find_first_not_of(blanks, end);
    if (begin == line.npos)
      return words;
    end = std::min(line.find_first_of(blanks, begin), line.size());
    words.emplace_back(line.substr(begin, end - begin));
  }
}

user changed(user x, std::initializer_list<std::string_view> rules) {
  for (auto rule : rules)
    x.change(rule);
  return x;
}

std::string line_of(const user& x) {
  return "user " + x.name() + ' ' + x.describe();
}

user everything(std::uint64_t number) {
  return changed(user{"default", number},
                 {"on", "nopass", "~*", "&*", "+@all"});
}

} // namespace

user_list::user_list() {
  users_["default"] = std::make_shared<user>(everything(++last_number_));
  users_["guest"] = std::make_shared<user>(
    changed(user{"guest", ++last_number_},
            {"on", "~*", "&*", "+@basic", "+@status", "+@events"}));
}

shared_user user_list::find(std::string_view name) const {
  auto i = users_.find(name);
  return i == users_.end() ? nullptr : i->second;
}

// -- changing ------------------------------------------------------------------

result<user>
user_list::made(user from, std::span<const std::string> rules) const {
  auto all = whole_rules(rules);
  if (!all)
    return all.error();
  for (auto& x : *all)
    if (auto no = from.change(x.text); !no.empty())
      return fail(errc::invalid_argument, name_of(x) + ": " + std::string{no});
  return from;
}

result<void>
user_list::change(std::string_view name, std::span<const std::string> rules) {
  if (!is_name(name))
    return fail(errc::invalid_argument, std::string{bad_name});
  auto old = find(name);
  auto next = made(
    old ? *old : user{std::string{name}, last_number_ + 1, every_channel_},
    rules);
  if (!next) {
    auto text = next.error().detail;
    if (names_a_rule(text))
      text = "Error in ACL SETUSER modifier"
             + std::string{text.starts_with('\'') ? " " : ": "} + text;
    return fail(errc::invalid_argument, text);
  }
  if (!old)
    ++last_number_;
  users_[std::string{name}] = std::make_shared<user>(std::move(*next));
  return {};
}

bool user_list::is_lasting(std::string_view name) noexcept {
  return name == "default" || name == "guest";
}

bool user_list::erase(std::string_view name) {
  auto i = users_.find(name);
  if (i == users_.end() || is_lasting(name))
    return false;
  users_.erase(i);
  return true;
}

// -- lines ---------------------------------------------------------------------

std::vector<std::string> user_list::lines() const {
  std::vector<std::string> all;
  for (auto& [_, x] : users_)
    all.push_back(line_of(*x));
  return all;
}

std::vector<std::string>
user_list::take(std::span<const std::string> lines, std::string_view where) {
  auto next = *this;
  std::set<std::string> seen;
  std::vector<std::string> faults;
  std::size_t count = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto words = words_of(lines[i]);
    if (words.empty())
      continue;
    auto refuse = [&](std::string_view why) {
      if (++count > faults_told)
        return;
      if (why.ends_with('.'))
        why.remove_suffix(1);
      faults.push_back(std::string{where} + ':' + std::to_string(i + 1) + ": "
                       + std::string{why});
    };
    if (words[0] != "user" || words.size() < 2 || !is_name(words[1])) {
      refuse("should start with user keyword followed by the username");
    } else if (!seen.insert(words[1]).second) {
      refuse("user '" + printable(words[1]) + "' stands there twice");
    } else {
      auto old = find(words[1]);
      auto one = made(user{words[1], old ? old->number() : ++next.last_number_,
                           every_channel_},
                      std::span{words}.subspan(2));
      if (one)
        next.users_[words[1]] = std::make_shared<user>(std::move(*one));
      else
        refuse(one.error().detail);
    }
  }
  if (count > faults_told)
    faults.push_back("And " + std::to_string(count - faults_told) + " more");
  if (count == 0)
    *this = std::move(next);
  return faults;
}

result<void>
user_list::load(std::span<const std::string> lines, std::string_view where) {
  std::string text;
  for (auto& x : take(lines, where))
    text += (text.empty() ? "" : " ") + x + '.';
  if (!text.empty())
    return fail(errc::invalid_argument, std::move(text));
  return {};
}

std::vector<std::string> user_list::differences(const user_list& base) const {
  std::vector<std::string> all;
  for (auto& [name, x] : users_) {
    auto was = base.find(name);
    if (!was || was->describe() != x->describe())
      all.push_back(line_of(*x));
  }
  for (auto& [name, x] : base.users_)
    if (!find(name))
      all.push_back(line_of(user{name}));
  return all;
}

std::vector<std::string>
user_list::additions_to(const user_list& before, const user_list& base) const {
  std::vector<std::string> all;
  auto gone = [&](const std::string& name) {
    all.push_back(base.find(name) ? line_of(user{name}) : "deluser " + name);
  };
  auto old = before.users_.begin();
  auto last = before.users_.end();
  for (auto& [name, x] : users_) {
    for (; old != last && old->first < name; ++old)
      gone(old->first);
    auto known = old != last && old->first == name;
    if (!known || old->second != x)
      all.push_back(line_of(*x));
    if (known)
      ++old;
  }
  for (; old != last; ++old)
    gone(old->first);
  return all;
}

result<void>
user_list::restore(const user_list& base, std::span<const std::string> kept,
                   std::string_view where) {
  auto next = base;
  if (auto done = next.load(kept, where); !done)
    return done;
  next.last_number_ = std::max(next.last_number_, last_number_);
  for (auto& [name, x] : next.users_) {
    auto old = find(name);
    if (old && old->describe() == x->describe())
      x = old; // nobody need look at it again
    else
      x = std::make_shared<user>(
        x->numbered(old ? old->number() : ++next.last_number_));
  }
  *this = std::move(next);
  return {};
}

shared_user owner() {
  static const auto one = std::make_shared<const user>(everything(0));
  return one;
}

} // namespace saker::acl

#include "config/reader.hpp"

#include "base/text.hpp"
#include "config/environment.hpp"
#include "config/users.hpp"

#include <algorithm>

namespace saker::config {

reader::reader(std::string file, draft& into, bool overrides)
  : file_(std::move(file)), into_(&into), overrides_(overrides) {
  // nop
}

void reader::walk(const toml::table& table, const std::string& section) {
  for (auto&& [key, value] : table) {
    auto word = std::string{key.str()};
    auto name = section.empty() ? word
                                : std::string{section}.append(1, '.') + word;
    enter(name, value, section, word);
  }
}

void reader::enter(const std::string& name, const toml::node& value,
                   std::string_view section, std::string_view word) {
  auto* table = value.as_table();
  auto kind = kind_of(name);
  if (overrides_ && name != "redis" && kind != key_kind::parameter)
    return at(printable(name), value).refuse("only [redis] may stand here");
  switch (kind) {
    case key_kind::parameter: parameter(name, value); break;
    case key_kind::available: read_key(at(name, value), *into_); break;
    case key_kind::users: users(value); break;
    case key_kind::later: at(name, value).refuse("not available yet"); break;
    case key_kind::section:
      if (table)
        walk(*table, name);
      else
        at(name, value).refuse("must be a section, as in [" + name + ']');
      break;
    case key_kind::later_section:
      if (table && !table->empty())
        walk(*table, name);
      else
        at(name, value).refuse("not available yet");
      break;
    case key_kind::unknown:
      at(printable(name), value).refuse(unknown_key(section, word));
      break;
  }
}

/// What it may be is known to others.
void reader::parameter(const std::string& name, const toml::node& value) {
  redis_parameter x;
  x.name = name.substr(name.find('.') + 1);
  x.place = raw_ ? "--set " + name
                 : file_ + ':' + std::to_string(value.source().begin.line)
                     + ": " + name;
  x.overrides = overrides_;
  if (raw_)
    x.value = *raw_;
  else if (auto text = value.value_exact<std::string>())
    x.value = *text;
  else if (auto number = value.value_exact<std::int64_t>())
    x.value = std::to_string(*number);
  else
    return at(name, value).refuse("must be text or a whole number");
  into_->value.redis.push_back(std::move(x));
}

void reader::users(const toml::node& value) {
  auto* table = value.as_table();
  if (!table)
    return at("users", value).refuse("must be sections, as in [users.NAME]");
  for (auto&& [key, entry] : *table)
    user(std::string{key.str()}, entry);
}

void reader::user(const std::string& name, const toml::node& value) {
  auto here = at("users." + printable(name), value);
  auto* table = value.as_table();
  if (!valid_name(name))
    return here.refuse("a user is named with 1 to 63 letters, digits and "
                       "\"_.-\", a letter or digit first");
  if (!table)
    return here.refuse("must be a section, as in [users." + name + ']');
  into_->user(name);
  // Rules go on from what the other keys say, wherever they stand.
  for (auto rules : {false, true})
    for (auto&& [key, entry] : *table)
      if ((key.str() == "rules") == rules)
        user_key(name, key.str(), entry);
}

void reader::user_key(const std::string& name, std::string_view word,
                      const toml::node& value) {
  auto here = at("users." + name + '.' + printable(word), value);
  auto& user = into_->user(name);
  auto before = user;
  read_user_key(here, word, user);
  auto others = user;
  others.rules.clear(); // an error tells which of them, as they were written
  acl::user_list all;
  auto done = all.change(name, rules_of(others));
  if (done)
    done = all.change(name, user.rules);
  if (!done) {
    here.refuse(done.error().detail);
    user = std::move(before);
  }
}

void reader::set(const std::string& assignment) {
  auto equals = assignment.find('=');
  auto name = std::string{trim(assignment.substr(0, equals))};
  if (equals == std::string::npos || name.empty())
    return report("--set " + printable(assignment)
                  + ": must be key=value, as in log.level=debug");
  raw_ = std::string{trim(assignment.substr(equals + 1))};
  toml::table parsed;
  try {
    parsed = toml::parse("value = " + *raw_);
  } catch (const toml::parse_error&) {
    // Not TOML: text whose quotes the shell ate.
    parsed.clear();
  }
  if (parsed.size() != 1)
    parsed = toml::table{{"value", *raw_}};
  auto& value = *parsed.get("value");
  auto dot = name.rfind('.');
  if (name.starts_with("users.") && dot > 5)
    user_key(name.substr(6, dot - 6), name.substr(dot + 1), value);
  else if (dot == std::string::npos)
    enter(name, value, "", name);
  else
    enter(name, value, name.substr(0, dot), name.substr(dot + 1));
  raw_.reset();
}

void reader::report(std::string text) {
  problems_.push_back({0, std::move(text)});
}

result<void> reader::finish() {
  if (problems_.empty())
    return {};
  auto rank = [](const problem& x) {
    return x.line == 0 ? std::size_t(-1) : x.line;
  };
  std::stable_sort(problems_.begin(), problems_.end(),
                   [&](auto& x, auto& y) { return rank(x) < rank(y); });
  std::string text;
  for (auto& x : problems_)
    text += (text.empty() ? "" : "\n") + x.text;
  return fail(errc::invalid_argument, std::move(text));
}

} // namespace saker::config

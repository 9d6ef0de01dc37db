#include "config/slot.hpp"

#include "base/text.hpp"
#include "base/units.hpp"

#include <algorithm>

namespace saker::config {

namespace {

std::string_view type_name(toml::node_type x) {
  switch (x) {
    case toml::node_type::table: return "a section";
    case toml::node_type::array: return "a list";
    case toml::node_type::string: return "text";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a fraction";
    case toml::node_type::boolean: return "true or false";
    default: return "a date or time";
  }
}

/// Errors are logged.
bool holds_password(std::string_view key, std::string_view value) {
  return key.find("password") != key.npos
         || (key.ends_with(".rules")
             && value.find_first_of("><#!") != value.npos);
}

std::string quote(std::string_view x) {
  return '"' + printable(x, 60) + '"';
}

} // namespace

slot::slot(std::string key, const toml::node& value, std::string file,
           std::optional<std::string> raw, std::vector<problem>& problems)
  : key_(std::move(key)), value_(&value), file_(std::move(file)),
    raw_(std::move(raw)), problems_(&problems) {
  // nop
}

void slot::refuse(std::string_view reason) const {
  problem x;
  if (raw_) {
    x.text = "--set " + key_ + '='
             + (holds_password(key_, *raw_) ? "(redacted)"
                                            : printable(*raw_, 60));
  } else {
    x.line = value_->source().begin.line;
    x.text = file_ + ':' + std::to_string(x.line) + ": " + key_;
  }
  x.text += ": ";
  x.text += reason;
  problems_->push_back(std::move(x));
}

void slot::wrong_type(std::string_view expected) const {
  refuse("must be " + std::string{expected} + ", not "
         + std::string{type_name(value_->type())});
}

std::optional<std::string> slot::text(std::string_view expected) const {
  if (auto x = value_->value_exact<std::string>())
    return x;
  // The shell eats quotes: what is not written as a list is text.
  if (raw_ && !value_->is_array() && !value_->is_table())
    return raw_;
  wrong_type(expected);
  return std::nullopt;
}

void slot::read(std::string& x) const {
  if (auto value = text())
    x = std::move(*value);
}

void slot::read(bool& x) const {
  if (auto value = value_->value_exact<bool>())
    x = *value;
  else
    wrong_type("true or false");
}

void slot::read(std::vector<std::string>& x) const {
  auto* array = value_->as_array();
  if (!array && raw_) {
    if (auto one = text())
      x = {*one};
    return;
  }
  if (!array)
    return wrong_type("a list of texts, as in [\"a\", \"b\"]");
  std::vector<std::string> found;
  for (auto& element : *array) {
    auto value = element.value_exact<std::string>();
    if (!value)
      return refuse("must be a list of texts, but holds "
                    + std::string{type_name(element.type())});
    found.push_back(std::move(*value));
  }
  x = std::move(found);
}

void slot::integer(std::uint32_t& x, std::uint32_t least,
                   std::uint32_t most) const {
  auto value = value_->value_exact<std::int64_t>();
  if (!value)
    return wrong_type("a whole number");
  if (*value < least || *value > most)
    return refuse("must be from " + std::to_string(least) + " to "
                  + std::to_string(most) + ", not " + std::to_string(*value));
  x = static_cast<std::uint32_t>(*value);
}

void slot::duration(std::chrono::nanoseconds& x, std::chrono::nanoseconds least,
                    std::chrono::nanoseconds most) const {
  auto value = text("a duration such as \"5s\"");
  if (!value)
    return;
  auto parsed = parse_duration(*value);
  if (!parsed)
    return refuse(parsed.error().detail);
  if (*parsed < least || *parsed > most)
    return refuse("must be from " + format_duration(least) + " to "
                  + format_duration(most) + ", not " + quote(*value));
  x = *parsed;
}

void slot::size(std::uint64_t& x, std::uint64_t least,
                std::uint64_t most) const {
  auto value
    = value_->is_integer() && !raw_
        ? std::optional{std::to_string(value_->value_or(std::int64_t{-1}))}
        : text("a size such as \"64mb\"");
  if (!value)
    return;
  auto parsed = parse_size(*value);
  if (!parsed)
    return refuse(parsed.error().detail);
  if (*parsed < least || *parsed > most)
    return refuse("must be from " + format_size(least) + " to "
                  + format_size(most) + ", not " + quote(*value));
  x = *parsed;
}

std::optional<std::size_t>
slot::choice(const std::vector<std::string>& words) const {
  auto value = text();
  if (!value)
    return std::nullopt;
  auto i = std::find(words.begin(), words.end(), *value);
  if (i != words.end())
    return static_cast<std::size_t>(i - words.begin());
  std::string all;
  for (auto& word : words)
    all += (all.empty() ? "" : ", ") + word;
  refuse(quote(*value) + " is not one of " + all + did_you_mean(*value, words));
  return std::nullopt;
}

} // namespace saker::config

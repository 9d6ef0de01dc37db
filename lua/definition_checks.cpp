#include "lua/definition_checks.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "process/spec.hpp"

#include <algorithm>
#include <climits>
#include <cmath>

namespace saker::lua {

namespace {

using kind = definition_value::kind;

std::string shown(double x) {
  definition_value value;
  value.what = kind::number;
  value.number = x;
  return describe(value);
}

} // namespace

key_checks key_checks::inside(const definition_value::entry& field) const {
  key_checks result{sink, key_};
  result.name_ = name_ + "."
                 + (field.name.empty() ? std::to_string(field.number)
                                       : printable(field.name, 60));
  return result;
}

void key_checks::unknown(const definition_value::entry& entry,
                         const std::vector<std::string>& known) const {
  if (entry.name.empty())
    return wrong(name_ + ": " + describe(entry.value) + " has no key");
  auto parent = name_.rfind('.');
  auto in = parent == std::string::npos ? "" : name_.substr(0, parent) + ": ";
  wrong(in + "there is no key \"" + printable(entry.name, 60) + "\""
        + did_you_mean(entry.name, known));
}

std::optional<bool> key_checks::boolean(const definition_value& x) const {
  if (x.is(kind::boolean))
    return x.truth;
  wrong(name_ + " must be true or false, not " + describe(x));
  return std::nullopt;
}

std::optional<long long>
key_checks::integer(const definition_value& x, long long least,
                    long long most) const {
  if (x.is(kind::number) && x.number == std::floor(x.number)
      && x.number >= static_cast<double>(least)
      && x.number <= static_cast<double>(most))
    return static_cast<long long>(x.number);
  wrong(name_ + " must be a whole number from " + std::to_string(least) + " to "
        + std::to_string(most) + ", not " + describe(x));
  return std::nullopt;
}

std::optional<double>
key_checks::number(const definition_value& x, double least, double most) const {
  if (x.is(kind::number) && x.number >= least && x.number <= most)
    return x.number;
  wrong(name_ + " must be a number from " + shown(least) + " to " + shown(most)
        + ", not " + describe(x));
  return std::nullopt;
}

std::optional<std::chrono::nanoseconds>
key_checks::duration(const definition_value& x, std::chrono::nanoseconds least,
                     std::chrono::nanoseconds most) const {
  auto range = [&] {
    return format_duration(least) + " to " + format_duration(most);
  };
  if (!x.is(kind::text)) {
    wrong(name_ + " must be a duration such as \"10s\", not " + describe(x));
    return std::nullopt;
  }
  auto time = parse_duration(x.text);
  if (!time) {
    wrong(name_ + ": " + time.error().detail);
    return std::nullopt;
  }
  if (*time < least || *time > most) {
    wrong(name_ + " must be " + range() + ", not " + describe(x));
    return std::nullopt;
  }
  return *time;
}

std::optional<std::uint64_t>
key_checks::size(const definition_value& x, std::uint64_t least,
                 std::uint64_t most) const {
  std::uint64_t bytes = 0;
  if (x.is(kind::text)) {
    auto size = parse_size(x.text);
    if (!size) {
      wrong(name_ + ": " + size.error().detail);
      return std::nullopt;
    }
    bytes = *size;
  } else if (x.is(kind::number) && x.number >= 0
             && x.number == std::floor(x.number) && x.number < 1e18) {
    bytes = static_cast<std::uint64_t>(x.number);
  } else {
    wrong(name_ + " must be a size such as \"10M\", not " + describe(x));
    return std::nullopt;
  }
  if (bytes < least || bytes > most) {
    wrong(name_ + " must be " + format_size(least) + " to " + format_size(most)
          + ", not " + describe(x));
    return std::nullopt;
  }
  return bytes;
}

std::optional<std::string>
key_checks::one_of(const definition_value& x,
                   std::initializer_list<const char*> words) const {
  std::vector<std::string> known{words.begin(), words.end()};
  if (x.is(kind::text)
      && std::find(known.begin(), known.end(), x.text) != known.end())
    return x.text;
  std::string list;
  for (auto& word : known) {
    if (!list.empty())
      list += &word == &known.back() ? " or " : ", ";
    list += "\"" + word + "\"";
  }
  wrong(name_ + " must be " + list + ", not " + describe(x)
        + (x.is(kind::text) ? did_you_mean(x.text, known) : ""));
  return std::nullopt;
}

std::optional<std::string>
key_checks::absolute_path(const definition_value& x) const {
  if (!x.is(kind::text) || !x.text.starts_with('/')) {
    wrong(name_ + " must be a path that begins with \"/\", not " + describe(x));
    return std::nullopt;
  }
  if (!no_zero_byte(x.text))
    return std::nullopt;
  if (x.text.size() >= PATH_MAX) {
    wrong(name_ + " has " + std::to_string(x.text.size())
          + " bytes: Linux takes at most " + std::to_string(PATH_MAX - 1)
          + " of a path");
    return std::nullopt;
  }
  return x.text;
}

std::optional<unsigned> key_checks::octal(const definition_value& x) const {
  auto good = x.is(kind::text) && !x.text.empty() && x.text.size() <= 4
              && x.text.find_first_not_of("01234567") == std::string::npos;
  auto value = good ? std::stoul(x.text, nullptr, 8) : 0;
  if (good && value <= 0777)
    return static_cast<unsigned>(value);
  wrong(name_ + " must be octal digits as a text, for example \"022\", not "
        + describe(x));
  return std::nullopt;
}

std::optional<std::string>
key_checks::account(const definition_value& x) const {
  auto name = text_or_number(x);
  if (!name || name->empty() || name->find_first_of(":/ \n") != name->npos) {
    wrong(name_ + " must be a name or a number, not " + describe(x));
    return std::nullopt;
  }
  if (!no_zero_byte(*name))
    return std::nullopt;
  if (name->size() >= LOGIN_NAME_MAX) {
    wrong(name_ + " is longer than any name: \"" + printable(*name, 60) + "\"");
    return std::nullopt;
  }
  return name;
}

std::optional<std::vector<std::string>>
key_checks::arguments(const definition_value& x) const {
  std::vector<std::string> result;
  if (!x.is(kind::table) || !x.is_list()) {
    wrong(name_
          + " must be a list of the program and its arguments, for "
            "example {\"sleep\", \"60\"}, not "
          + describe(x));
    return std::nullopt;
  }
  for (auto& entry : x.entries) {
    auto word = text_or_number(entry.value);
    if (!word) {
      wrong(name_ + ": argument " + std::to_string(entry.number)
            + " must be a text, not " + describe(entry.value));
      return std::nullopt;
    }
    if (!no_zero_byte(*word)
        || !short_enough(name_ + ": argument " + std::to_string(entry.number),
                         *word))
      return std::nullopt;
    result.push_back(std::move(*word));
  }
  if (result.empty() || result.front().empty()) {
    wrong(name_
          + " is empty: write the program and its arguments, for "
            "example {\"sleep\", \"60\"}");
    return std::nullopt;
  }
  return result;
}

std::optional<std::string>
key_checks::text_or_number(const definition_value& x) const {
  if (x.is(kind::text))
    return x.text;
  if (x.is(kind::number))
    return describe(x);
  return std::nullopt;
}

bool key_checks::no_zero_byte(std::string_view text) const {
  if (text.find('\0') == std::string_view::npos)
    return true;
  wrong(name_ + " contains a zero byte"); // the rest may be a secret
  return false;
}

bool key_checks::short_enough(const std::string& what,
                              std::string_view text) const {
  if (text.size() <= process::max_argument)
    return true;
  wrong(what + " has " + std::to_string(text.size())
        + " bytes: Linux takes at most " + std::to_string(process::max_argument)
        + " in one; put it into a file");
  return false;
}

} // namespace saker::lua

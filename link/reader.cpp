#include "link/reader.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace saker::link {

namespace {

bool is_text(const resp::value& x) {
  return x.is<std::string>() || x.is<resp::simple>();
}

bool is_number(const resp::value& x) {
  return x.is<std::int64_t>() || x.is<std::string>();
}

} // namespace

std::string reader::text(std::string_view name, std::size_t limit) {
  auto x = next(name);
  if (!x)
    return {};
  if (is_text(*x) && x->text().size() <= limit)
    return std::string{x->text()};
  refuse(std::string{name}
         + (is_text(*x) ? " is longer than " + std::to_string(limit) + " bytes"
                        : " must be a string"));
  return {};
}

std::int64_t
reader::number(std::string_view name, std::int64_t least, std::int64_t most) {
  auto x = next(name);
  if (!x)
    return least;
  if (auto y = is_number(*x) ? x->integer() : std::nullopt;
      y && *y >= least && *y <= most)
    return *y;
  refuse(std::string{name} + " must be a number from " + std::to_string(least)
         + " to " + std::to_string(most));
  return least;
}

std::vector<std::string> reader::texts(std::string_view name) {
  std::vector<std::string> out;
  for (auto& x : list(name)) {
    if (!is_text(x)) {
      refuse(std::string{name} + " must hold strings only");
      return {};
    }
    out.emplace_back(x.text());
  }
  return out;
}

std::span<const resp::value> reader::list(std::string_view name) {
  auto x = next(name);
  if (!x)
    return {};
  if (x->is<resp::array>())
    return x->items();
  refuse(std::string{name} + " must be an array");
  return {};
}

void reader::refuse(std::string why) {
  if (ok())
    why_ = fail(errc::invalid_argument, std::move(why));
}

void reader::end() {
  if (ok() && !at_end())
    refuse(std::to_string(items_.size() - at_) + " arguments too many");
}

const resp::value* reader::next(std::string_view name) {
  if (ok() && at_end())
    refuse(std::string{name} + " is missing");
  return ok() ? &items_[at_++] : nullptr;
}

std::size_t reader::index_of(std::string_view name,
                             std::span<const std::string_view> words) {
  auto given = text(name, 32);
  if (!ok())
    return 0;
  auto at = std::find(words.begin(), words.end(), given);
  if (at != words.end())
    return static_cast<std::size_t>(at - words.begin());
  std::string known;
  for (auto x : words)
    known += (known.empty() ? "" : ", ") + std::string{x};
  refuse(std::string{name} + " must be one of " + known + ", not "
         + printable(given, 32));
  return 0;
}

} // namespace saker::link

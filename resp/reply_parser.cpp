#include "resp/reply_parser.hpp"

#include "base/text.hpp"
#include "resp/number.hpp"

#include <algorithm>
#include <charconv>

namespace saker::resp {

namespace {

constexpr std::size_t compact_at = std::size_t{64} * 1024;

std::optional<double> parse_double(std::string_view x) {
  double result = 0;
  if (!x.empty() && x.front() == '+')
    x.remove_prefix(1);
  auto [end, ec] = std::from_chars(x.data(), x.data() + x.size(), result);
  if (ec != std::errc{} || end != x.data() + x.size())
    return std::nullopt;
  return result;
}

bool is_number(std::string_view x) {
  if (!x.empty() && (x.front() == '-' || x.front() == '+'))
    x.remove_prefix(1);
  return !x.empty() && x.find_first_not_of("0123456789") == x.npos;
}

value aggregate(char type, std::vector<value> items) {
  switch (type) {
    case '~': return set{std::move(items)};
    case '>': return push{std::move(items)};
    case '%': {
      map result;
      result.entries.reserve(items.size() / 2);
      for (std::size_t i = 0; i + 1 < items.size(); i += 2)
        result.add(std::move(items[i]), std::move(items[i + 1]));
      return result;
    }
    default: return array{std::move(items)};
  }
}

} // namespace

void reply_parser::feed(std::string_view bytes) {
  if (failed())
    return;
  compact();
  buffer_ += bytes;
}

std::optional<value> reply_parser::next() {
  while (!failed()) {
    value item;
    switch (read(item)) {
      case step::leaf:
        if (close_full(item))
          return item;
        break;
      case step::opened: break;
      case step::more:
      case step::failed: return std::nullopt;
    }
  }
  return std::nullopt;
}

/// Puts `item` where it belongs. True if it is a whole value of its own.
bool reply_parser::close_full(value& item) {
  while (!open_.empty()) {
    auto& top = open_.back();
    top.items.push_back(std::move(item));
    if (--top.missing > 0)
      return false;
    auto type = top.type;
    auto items = std::move(top.items);
    open_.pop_back();
    if (type == '|')
      return false; // an attribute: the value that it describes follows
    item = aggregate(type, std::move(items));
  }
  return true;
}

reply_parser::step reply_parser::read(value& leaf) {
  if (bulk_)
    return read_bulk(bulk_type_, {}, leaf);
  auto text = line();
  if (!text)
    return failed() ? step::failed : step::more;
  if (text->empty())
    return refuse(errc::syntax, "read a reply: the line is empty");
  auto type = text->front();
  auto rest = text->substr(1);
  switch (type) {
    case '+': leaf = simple{std::string{rest}}; return step::leaf;
    case '-': leaf = error{std::string{rest}}; return step::leaf;
    case ':':
      if (auto x = strict_integer(rest)) {
        leaf = *x;
        return step::leaf;
      }
      break;
    case '_':
      if (rest.empty())
        return step::leaf;
      break;
    case '#':
      if (rest == "t" || rest == "f") {
        leaf = rest == "t";
        return step::leaf;
      }
      break;
    case ',':
      if (auto x = parse_double(rest)) {
        leaf = *x;
        return step::leaf;
      }
      break;
    case '(':
      if (is_number(rest)) {
        leaf = rest;
        return step::leaf;
      }
      break;
    case '$':
    case '=':
    case '!': return read_bulk(type, rest, leaf);
    case '*':
    case '~':
    case '>':
    case '%':
    case '|': return read_aggregate(type, rest, leaf);
    default: break;
  }
  return refuse(errc::syntax,
                "read a reply: not RESP: \"" + printable(*text, 64) + '"');
}

reply_parser::step
reply_parser::read_bulk(char type, std::string_view count, value& leaf) {
  if (!bulk_) {
    auto length = strict_integer(count);
    if (!length || *length < -1 || (*length == -1 && type != '$'))
      return refuse(errc::syntax, "read a reply: bad length of a string");
    if (*length == -1)
      return step::leaf;
    if (static_cast<std::size_t>(*length) > limits_.bulk)
      return refuse(errc::limit, "read a reply: the string is too long");
    bulk_ = static_cast<std::size_t>(*length);
    bulk_type_ = type;
  }
  if (buffer_.size() - at_ < *bulk_ + 2)
    return step::more;
  auto text = std::string_view{buffer_}.substr(at_, *bulk_);
  if (std::string_view{buffer_}.substr(at_ + *bulk_, 2) != "\r\n")
    return refuse(errc::syntax, "read a reply: no CR LF after a string");
  at_ += *bulk_ + 2;
  scanned_ = at_;
  bulk_.reset();
  if (type == '!')
    leaf = error{std::string{text}};
  else if (type == '$')
    leaf = text;
  else if (text.size() >= 4 && text[3] == ':')
    leaf = verbatim{std::string{text.substr(4)},
                    std::string{text.substr(0, 3)}};
  else
    return refuse(errc::syntax, "read a reply: verbatim text has no format");
  return step::leaf;
}

reply_parser::step
reply_parser::read_aggregate(char type, std::string_view count, value& leaf) {
  auto length = strict_integer(count);
  if (!length || *length < -1 || (*length == -1 && type != '*'))
    return refuse(errc::syntax, "read a reply: bad count of elements");
  if (*length == -1)
    return step::leaf;
  auto elements = static_cast<std::size_t>(*length);
  if (elements > limits_.elements)
    return refuse(errc::limit, "read a reply: too many elements");
  if (open_.size() >= limits_.depth)
    return refuse(errc::limit, "read a reply: nested too deeply");
  if (elements == 0 && type == '|')
    return step::opened;
  if (elements == 0) {
    leaf = aggregate(type, {});
    return step::leaf;
  }
  auto pairs = type == '%' || type == '|';
  open_.push_back({type, pairs ? 2 * elements : elements, {}});
  // The count is only a claim: space for more comes with the elements.
  open_.back().items.reserve(std::min<std::size_t>(open_.back().missing, 64));
  return step::opened;
}

/// The bytes up to the next CR LF, without it; moves behind it.
std::optional<std::string_view> reply_parser::line() {
  auto all = std::string_view{buffer_};
  auto end = all.find("\r\n", std::max(at_, scanned_));
  auto length = (end == all.npos ? all.size() : end) - at_;
  if (length > limits_.line) {
    refuse(errc::limit, "read a reply: the line is too long");
    return std::nullopt;
  }
  if (end == all.npos) {
    // A CR at the very end may be half of the CR LF.
    scanned_ = all.size() > at_ ? all.size() - 1 : at_;
    return std::nullopt;
  }
  auto result = all.substr(at_, length);
  at_ = scanned_ = end + 2;
  return result;
}

reply_parser::step reply_parser::refuse(errc code, std::string detail) {
  why_ = fail(code, std::move(detail));
  open_.clear();
  std::string{}.swap(buffer_);
  at_ = 0;
  return step::failed;
}

/// Forgets what has been read, but moves bytes only when that pays.
void reply_parser::compact() {
  if (at_ == buffer_.size())
    buffer_.clear();
  else if (at_ < compact_at || at_ < buffer_.size() / 2)
    return;
  else
    buffer_.erase(0, at_);
  scanned_ = scanned_ > at_ ? scanned_ - at_ : 0;
  at_ = 0;
}

} // namespace saker::resp

#include "resp/parser.hpp"

#include "resp/number.hpp"

#include <algorithm>
#include <cstring>

namespace saker::resp {

namespace {

/// Kept buffers larger than this are given back when they are empty.
constexpr std::size_t keep_capacity = std::size_t{64} * 1024;

/// How a TLS client begins: a handshake, of any version.
constexpr std::string_view tls_start = "\x16\x03";

std::size_t find(std::string_view x, char c, std::size_t from) noexcept {
  if (from >= x.size())
    return x.npos;
  auto hit = std::memchr(x.data() + from, c, x.size() - from);
  return hit
           ? static_cast<std::size_t>(static_cast<const char*>(hit) - x.data())
           : x.npos;
}

/// The end of the line of a count. Of one digit it mostly is, and then nothing
/// has to be searched.
std::size_t find_end(std::string_view x, std::size_t from) noexcept {
  auto one_digit = from + 2 < x.size() && x[from + 2] == '\r' && x[from] != '\r'
                   && x[from + 1] != '\r';
  return one_digit ? from + 2 : find(x, '\r', from);
}

} // namespace

void parser::feed(std::string_view bytes) {
  if (failed_)
    return;
  if (at_ == input_.size() && !ready_ && !counted_) {
    // Nothing is half read: no copy.
    kept_.clear();
    show(bytes);
    at_ = start_ = scanned_ = 0;
    return;
  }
  hold();
  kept_ += bytes;
  show(kept_);
}

parser::state parser::next() {
  if (failed_)
    return state::failed;
  if (!again_) {
    if (ready_)
      finish();
    auto result = read();
    if (result != state::command)
      return result;
    ready_ = true;
  }
  again_ = false;
  auto base = inline_ ? std::string_view{unquoted_} : input_;
  args_.clear();
  for (auto [offset, length] : slices_)
    args_.push_back(base.substr(offset, length));
  return state::command;
}

void parser::hold() {
  if (failed_)
    return;
  if (ready_ && !again_)
    finish();
  // While a command is half read its slices count from the start of `input_`,
  // so nothing before it may be cut off; it always starts at `start_`.
  auto from = ready_ || counted_ ? start_ : at_;
  auto borrowed = input_.data() != kept_.data();
  if (!borrowed && from < kept_.size() - from)
    return; // moving would cost more than it frees
  if (borrowed)
    kept_.assign(input_.substr(from));
  else
    kept_.erase(0, from);
  if (kept_.empty() && kept_.capacity() > keep_capacity)
    std::string{}.swap(kept_);
  at_ -= from;
  start_ -= std::min(start_, from);
  scanned_ -= std::min(scanned_, from);
  if (!inline_)
    for (auto& x : slices_)
      x.offset -= from;
  show(kept_);
}

void parser::show(std::string_view bytes) {
  input_ = bytes;
}

void parser::finish() noexcept {
  ready_ = counted_ = bulk_ = inline_ = false;
  slices_.clear();
  if (slices_.capacity() > 1024)
    std::vector<slice>{}.swap(slices_);
  if (unquoted_.capacity() > keep_capacity)
    std::string{}.swap(unquoted_);
  start_ = at_;
}

parser::state parser::refuse(std::string_view what) {
  error_ = "Protocol error: ";
  error_ += what;
  failed_ = true;
  input_ = {};
  at_ = 0;
  std::string{}.swap(kept_);
  std::vector<slice>{}.swap(slices_);
  return state::failed;
}

/// Reads until there is a command with at least one argument.
parser::state parser::read() {
  for (;;) {
    if (!counted_ && at_ == input_.size())
      return state::incomplete;
    auto result = counted_ || input_[at_] == '*' ? read_multibulk()
                                                 : read_inline();
    if (result != state::command || !slices_.empty())
      return result;
    finish(); // an empty request
  }
}

parser::state parser::read_multibulk() {
  if (!counted_)
    if (auto result = read_count(); result != state::command)
      return result;
  return read_arguments();
}

parser::state parser::read_count() {
  auto end = find_end(input_, std::max(at_, scanned_));
  if ((end == input_.npos ? input_.size() : end) - at_ > max_request_line)
    return refuse("too big mbulk count string");
  if (end == input_.npos || end + 1 >= input_.size()) {
    scanned_ = end == input_.npos ? input_.size() : end;
    return state::incomplete;
  }
  auto count = strict_integer(input_.substr(at_ + 1, end - at_ - 1));
  if (!count || *count > INT_MAX
      || (*count > 0 && static_cast<std::size_t>(*count) > limits_.arguments))
    return refuse("invalid multibulk length");
  if (!authenticated_
      && *count > static_cast<std::int64_t>(limits_before_auth.arguments))
    return refuse("unauthenticated multibulk length");
  start_ = at_;
  at_ = scanned_ = end + 2;
  missing_ = *count > 0 ? static_cast<std::size_t>(*count) : 0;
  counted_ = true;
  return state::command;
}

parser::state parser::read_arguments() {
  for (; missing_ > 0; --missing_) {
    if (!bulk_) {
      auto end = find_end(input_, std::max(at_, scanned_));
      if ((end == input_.npos ? input_.size() : end) - at_ > max_request_line)
        return refuse("too big bulk count string");
      if (end == input_.npos || end + 1 >= input_.size()) {
        scanned_ = end == input_.npos ? input_.size() : end;
        return state::incomplete;
      }
      if (input_[at_] != '$')
        return refuse(std::string{"expected '$', got '"} + input_[at_] + '\'');
      if (!read_length(input_.substr(at_ + 1, end - at_ - 1)))
        return state::failed;
      at_ = scanned_ = end + 2;
      bulk_ = true;
    }
    if (input_.size() - at_ < length_ + 2)
      return state::incomplete;
    slices_.push_back({at_, length_});
    at_ += length_ + 2;
    scanned_ = at_;
    bulk_ = false;
  }
  return state::command;
}

bool parser::read_length(std::string_view digits) {
  auto length = strict_integer(digits);
  if (!length || *length < 0
      || static_cast<std::size_t>(*length) > limits_.bulk) {
    refuse("invalid bulk length");
    return false;
  }
  length_ = static_cast<std::size_t>(*length);
  if (!authenticated_ && length_ > limits_before_auth.bulk) {
    refuse("unauthenticated bulk length");
    return false;
  }
  return true;
}

parser::state parser::read_inline() {
  if (input_.substr(at_).starts_with(tls_start))
    return refuse(tls_on_plain_port);
  auto end = find(input_, '\n', std::max(at_, scanned_));
  if ((end == input_.npos ? input_.size() : end) - at_ > max_request_line)
    return refuse("too big inline request");
  if (end == input_.npos) {
    scanned_ = input_.size();
    return state::incomplete;
  }
  auto line = input_.substr(at_, end - at_);
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  std::vector<std::size_t> lengths;
  unquoted_.clear();
  if (!split_inline(line, unquoted_, lengths))
    return refuse("unbalanced quotes in request");
  start_ = at_;
  at_ = scanned_ = end + 1;
  inline_ = true;
  std::size_t offset = 0;
  for (auto length : lengths) {
    slices_.push_back({offset, length});
    offset += length;
  }
  return state::command;
}

} // namespace saker::resp

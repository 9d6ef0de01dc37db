#include "actors/reply_text.hpp"

#include "base/log_line.hpp"
#include "messages/error.hpp"
#include "resp/error_word.hpp"

#include <string_view>

namespace saker {

namespace {

constexpr std::size_t longest_error = std::size_t{4} * 1024;

std::string_view word(errc code) {
  switch (code) {
    case errc::busy: return "BUSY";
    case errc::out_of_memory: return "OOM";
    case errc::not_permitted: return "NOPERM";
    case errc::loading: return "LOADING";
    case errc::timeout: return "TIMEOUT";
    case errc::no_such_service: return "NOSERVICE";
    case errc::no_such_node: return "NONODE";
    default: return "ERR";
  }
}

} // namespace

resp::value to_reply(const failure& why) {
  std::string text;
  if (why.code != errc::script_error || !resp::has_error_word(why.detail))
    text = std::string{word(why.code)} + ' ';
  text += why.detail.empty() ? std::string{to_string(why.code)} : why.detail;
  if (text.size() > longest_error) {
    text.resize(longest_error);
    text += "…";
  }
  return resp::error{std::move(text)};
}

resp::value to_reply(const caf::error& why) {
  return to_reply(to_failure(why));
}

resp::value syntax_error(std::string text) {
  return resp::error{"ERR " + std::move(text)};
}

resp::value
text_reply(std::vector<std::string> lines, resp::protocol in, bool utf8) {
  if (!utf8)
    for (auto& x : lines)
      x = ascii_text(x);
  if (in == resp::protocol::resp3) {
    std::string text;
    for (auto& x : lines)
      text += x + '\n';
    return resp::verbatim{std::move(text)};
  }
  resp::array list;
  for (auto& x : lines)
    list.items.push_back(resp::simple{std::move(x)});
  return list;
}

resp::value or_null(const std::string& x) {
  return x.empty() ? resp::value{} : resp::value{x};
}

resp::value or_null(const std::optional<std::string>& x) {
  return x ? resp::value{*x} : resp::value{};
}

} // namespace saker

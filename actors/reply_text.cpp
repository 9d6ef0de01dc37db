#include "actors/reply_text.hpp"

#include "messages/error.hpp"

namespace saker {

namespace {

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
  std::string text{word(why.code)};
  text += ' ';
  text += why.detail.empty() ? std::string{to_string(why.code)} : why.detail;
  return resp::error{std::move(text)};
}

resp::value to_reply(const caf::error& why) {
  return to_reply(to_failure(why));
}

resp::value syntax_error(std::string text) {
  return resp::error{"ERR " + std::move(text)};
}

resp::value text_reply(std::vector<std::string> lines, resp::protocol in) {
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

} // namespace saker

#include "base/http_url.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace saker {

namespace {

constexpr std::string_view plain_scheme = "http://";
constexpr std::string_view tls_scheme = "https://";

bool is_graphic(char c) {
  return c > ' ' && c < '\x7f';
}

/// `[::1]:80`, `host`: false if it is no such thing.
bool read_authority(std::string_view text, http_url& into) {
  into.authority = text;
  auto rest = text;
  if (text.starts_with('[')) {
    auto end = text.find(']');
    if (end == std::string_view::npos)
      return false;
    into.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    into.host = text.substr(0, text.find(':'));
    rest = text.substr(into.host.size());
  }
  if (into.host.empty())
    return false;
  if (rest.empty())
    return true;
  auto port = parse_integer(rest.substr(1));
  if (rest.front() != ':' || !port || *port < 1 || *port > 65'535)
    return false;
  into.port = std::to_string(*port);
  return true;
}

} // namespace

result<http_url> parse_http_url(std::string_view text) {
  auto wrong = [&](const std::string& why) {
    return fail(errc::syntax, '"' + printable(text, 100) + "\" " + why);
  };
  auto tls = text.starts_with(tls_scheme);
  if (!tls && !text.starts_with(plain_scheme))
    return wrong("does not begin with http:// or https://");
  if (!std::all_of(text.begin(), text.end(), is_graphic))
    return wrong("has blanks or other characters that no URL has: write %20");
  auto rest = text.substr((tls ? tls_scheme : plain_scheme).size());
  auto slash = std::min(rest.find_first_of("/?#"), rest.size());
  auto authority = rest.substr(0, slash);
  auto target = rest.substr(slash);
  if (authority.find('@') != std::string_view::npos)
    return wrong("has a user or password, which are not sent");
  http_url x;
  x.tls = tls;
  if (tls)
    x.port = "443";
  if (!read_authority(authority, x))
    return wrong("needs a host, as in http://127.0.0.1:8080/path");
  target = target.substr(0, target.find('#'));
  if (!target.starts_with('/'))
    x.target = '/' + std::string{target};
  else
    x.target = target;
  return x;
}

} // namespace saker

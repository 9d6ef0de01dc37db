#include "cli/address.hpp"

#include "base/text.hpp"

#include <algorithm>

#include <sys/un.h>

namespace saker::cli {

namespace {

constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::string_view url_start = "redis://";
constexpr std::string_view tls_url_start = "rediss://";

constexpr auto examples = "write for example 127.0.0.1:12007, "
                          "unix:/run/saker/saker.sock, "
                          "redis://USER:PASSWORD@HOST:12007";

/// Before an `@` a password may stand, whatever the rest is.
failure not_an_address(std::string_view text, std::string_view why) {
  auto at = text.starts_with('/') ? text.npos : text.rfind('@');
  auto shown = at == text.npos ? printable(text)
                               : "***" + printable(text.substr(at));
  return fail(errc::syntax, "address \"" + shown + "\": " + std::string{why}
                              + "; " + examples);
}

/// `%41` as `A`; nothing if a `%` has no two hex digits behind it.
std::optional<std::string> decoded(std::string_view x) {
  std::string result;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] != '%') {
      result += x[i];
      continue;
    }
    auto digit = [&](std::size_t at) {
      auto value = std::string_view{"0123456789abcdef"}.find(
        at < x.size() ? to_lower(x.substr(at, 1)) : " ");
      return value == std::string_view::npos ? -1 : static_cast<int>(value);
    };
    auto high = digit(i + 1);
    auto low = digit(i + 2);
    if (high < 0 || low < 0)
      return std::nullopt;
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

result<server_address> parse_path(std::string_view path) {
  if (path.empty())
    return not_an_address("unix:", "the path is missing");
  if (path.size() > longest_path)
    return fail(errc::limit, "address unix:" + printable(path) + ": it has "
                               + std::to_string(path.size())
                               + " bytes, and a UNIX socket takes at most "
                               + std::to_string(longest_path));
  server_address x;
  x.path = path;
  return x;
}

/// `HOST`, `HOST:PORT`, `[::1]`, `[::1]:PORT`.
result<server_address> parse_host(std::string_view text) {
  server_address x;
  auto rest = text;
  if (rest.starts_with('[')) {
    auto end = rest.find(']');
    if (end == std::string_view::npos)
      return not_an_address(text, "the ] is missing");
    x.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
  } else {
    x.host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(x.host.size());
  }
  if (x.host.empty())
    return not_an_address(text, "the host is missing");
  if (x.host.find_first_of("/@ ") != std::string::npos)
    return not_an_address(text, "this is no name of a host");
  if (rest.empty())
    return x;
  if (std::count(rest.begin(), rest.end(), ':') > 1)
    return not_an_address(text, "IPv6 stands in brackets");
  auto port = rest.starts_with(':') ? parse_integer(rest.substr(1))
                                    : std::nullopt;
  if (!port || *port < 1 || *port > 65535)
    return not_an_address(text, "the port must be from 1 to 65535");
  x.port = static_cast<std::uint16_t>(*port);
  return x;
}

/// What stands behind `redis://`. A password may hold an `@`.
result<server_address> parse_url(std::string_view text) {
  auto host = text;
  std::string_view who;
  auto at = text.rfind('@');
  if (at != std::string_view::npos) {
    who = text.substr(0, at);
    host = text.substr(at + 1);
  }
  if (auto slash = host.find('/'); slash != std::string_view::npos) {
    // Clients choose a database here; there is only one.
    auto base = host.substr(slash + 1);
    if (!base.empty() && !parse_integer(base))
      return not_an_address(url_start, "only a number may follow the host");
    host = host.substr(0, slash);
  }
  auto x = host.empty() ? parse_host("127.0.0.1") : parse_host(host);
  if (!x || at == std::string_view::npos)
    return x;
  auto colon = who.find(':');
  auto user = decoded(who.substr(0, colon));
  auto password = colon == std::string_view::npos
                    ? std::nullopt
                    : decoded(who.substr(colon + 1));
  if (!user || !password)
    return not_an_address(url_start, "before the @ stand USER:PASSWORD, with "
                                     "%25 for a %");
  x->user = user->empty() ? "default" : std::move(*user);
  x->password = std::move(*password);
  return x;
}

/// An address of all interfaces is reached on this machine.
std::string reachable(const std::string& host) {
  return host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host;
}

} // namespace

result<server_address> parse_server_address(std::string_view text) {
  if (text.starts_with(url_start))
    return parse_url(text.substr(url_start.size()));
  if (text.starts_with(tls_url_start)) {
    auto x = parse_url(text.substr(tls_url_start.size()));
    if (x)
      x->tls = true;
    return x;
  }
  if (text.starts_with("unix://"))
    return parse_path(text.substr(7));
  if (text.starts_with("unix:"))
    return parse_path(text.substr(5));
  if (text.starts_with('/') || text.starts_with("./"))
    return not_an_address(text, "a path needs unix: before it");
  if (text.empty())
    return not_an_address(text, "it is empty");
  return parse_host(text);
}

std::string to_string(const server_address& x) {
  if (!x.path.empty())
    return "unix:" + x.path;
  auto port = ':' + std::to_string(x.port);
  auto start = std::string{x.tls ? tls_url_start : ""};
  return start
         + (x.host.find(':') == std::string::npos ? x.host + port
                                                  : '[' + x.host + ']' + port);
}

std::vector<server_address>
local_addresses(const std::vector<config::listen_address>& listening) {
  std::vector<server_address> result;
  auto add = [&](server_address x) {
    if (std::find(result.begin(), result.end(), x) == result.end())
      result.push_back(std::move(x));
  };
  for (auto& x : listening)
    if (!x.is_tcp())
      add({.path = x.path});
  for (auto& x : listening)
    if (x.is_tcp() && !x.optional)
      add({.host = reachable(x.host), .port = x.port});
  add({.host = "127.0.0.1"});
  return result;
}

} // namespace saker::cli

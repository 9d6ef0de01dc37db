#include "config/listen_address.hpp"

#include "base/text.hpp"

#include <array>
#include <optional>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace saker::config {

namespace {

/// 108 bytes with the terminating NUL.
constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

failure not_an_address(std::string_view text, std::string_view why) {
  return fail(errc::syntax, '"' + printable(text)
                              + "\" is not an address: " + std::string{why}
                              + "; write for example \"127.0.0.1:12007\", "
                                "\"[::1]:12007\", \"unix:saker.sock\"");
}

/// The canonical text of a numeric address of family `family`.
std::optional<std::string> canonical(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> shown{};
  if (::inet_pton(family, text.c_str(), bytes.data()) != 1)
    return std::nullopt;
  if (!::inet_ntop(family, bytes.data(), shown.data(), shown.size()))
    return std::nullopt;
  return std::string{shown.data()};
}

result<listen_address>
parse_local(std::string_view path, const std::filesystem::path& runtime_dir) {
  if (path.empty())
    return fail(errc::syntax, "\"unix:\" needs a path, for example "
                              "\"unix:saker.sock\"");
  if (path.find('\0') != std::string_view::npos)
    return fail(errc::syntax, "a path must not hold a zero byte");
  auto full = (runtime_dir / path).lexically_normal().string();
  if (full.size() > longest_path)
    return fail(errc::limit, printable(full) + " has "
                               + std::to_string(full.size())
                               + " bytes, and a UNIX socket takes at most "
                               + std::to_string(longest_path)
                               + "; choose a shorter runtime-dir");
  listen_address x;
  x.kind = listen_address::family::local;
  x.path = std::move(full);
  return x;
}

/// RFC 1123, and `_`, which some have; a last label of digits alone belongs to
/// an address.
bool is_host_name(std::string_view x) {
  constexpr std::size_t longest = 253;
  constexpr std::size_t longest_label = 63;
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  if (x.ends_with('.'))
    x.remove_suffix(1);
  if (x.empty() || x.size() > longest)
    return false;
  for (auto label : split(x, '.'))
    if (label.empty() || label.size() > longest_label || label.front() == '-'
        || label.back() == '-'
        || label.find_first_not_of(allowed) != label.npos)
      return false;
  auto last = x.substr(x.rfind('.') + 1);
  return last.find_first_not_of("0123456789") != last.npos;
}

result<listen_address> parse_tcp(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return not_an_address(text, "the port is missing");
  auto host = std::string{text.substr(0, colon)};
  auto port = parse_integer(text.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535)
    return not_an_address(text, "the port must be from 1 to 65535");
  std::optional<std::string> numeric;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    numeric = canonical(AF_INET6, host.substr(1, host.size() - 2));
  else if (host == "localhost")
    numeric = "127.0.0.1";
  else if (host.find(':') != std::string::npos)
    return not_an_address(text, "IPv6 stands in brackets");
  else
    numeric = canonical(AF_INET, host);
  if (!numeric)
    return not_an_address(text, "the host must be a numeric address");
  listen_address x;
  x.host = std::move(*numeric);
  x.port = static_cast<std::uint16_t>(*port);
  return x;
}

} // namespace

bool listen_address::loopback() const noexcept {
  return !is_tcp() || host == "::1" || host.starts_with("127.")
         || host.starts_with("::ffff:127.");
}

result<listen_address>
parse_listen_address(std::string_view text,
                     const std::filesystem::path& runtime_dir) {
  auto optional = text.starts_with('-');
  if (optional)
    text.remove_prefix(1);
  auto x = text.starts_with("unix:") ? parse_local(text.substr(5), runtime_dir)
                                     : parse_tcp(text);
  if (x)
    x->optional = optional;
  return x;
}

std::optional<named_address> parse_named_address(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == text.npos)
    return std::nullopt;
  auto host = to_lower(text.substr(0, colon));
  auto port = parse_integer(text.substr(colon + 1));
  if (!is_host_name(host) || !port || *port < 1 || *port > 65535)
    return std::nullopt;
  return named_address{std::move(host), static_cast<std::uint16_t>(*port)};
}

std::string to_string(const listen_address& x) {
  if (!x.is_tcp())
    return "unix:" + x.path;
  auto port = ':' + std::to_string(x.port);
  return x.host.find(':') == std::string::npos ? x.host + port
                                               : '[' + x.host + ']' + port;
}

} // namespace saker::config

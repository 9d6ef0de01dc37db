#include "process/socket_address.hpp"

#include "base/text.hpp"
#include "base/unique_fd.hpp"

#include <cerrno>
#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace saker::process {

namespace {

failure wrong(const std::string& text, std::string_view why) {
  return fail(errc::invalid_argument,
              "address " + printable(text, 128) + ": " + std::string{why});
}

result<socket_address> parse_path(const std::string& text) {
  socket_address x;
  auto& un = reinterpret_cast<sockaddr_un&>(x.bytes);
  x.path = text.substr(5);
  if (!x.path.starts_with('/'))
    return wrong(text, "the path must be absolute");
  if (x.path.size() >= sizeof(un.sun_path))
    return wrong(text, "the path is longer than 107 bytes");
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, x.path.c_str(), x.path.size() + 1);
  x.size = sizeof(un);
  return x;
}

} // namespace

result<socket_address> parse_socket_address(const std::string& text) {
  if (text.starts_with("unix:"))
    return parse_path(text);
  auto colon = text.rfind(':');
  auto port = colon == text.npos ? std::nullopt
                                 : parse_integer(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65'535)
    return wrong(text, "a port from 0 to 65535 must stand behind the last "
                       "colon");
  auto host = text.substr(0, colon);
  socket_address x;
  auto& v4 = reinterpret_cast<sockaddr_in&>(x.bytes);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(x.bytes);
  auto number = htons(static_cast<std::uint16_t>(*port));
  if (host == "*" || ::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET; // "*" leaves 0.0.0.0
    v4.sin_port = number;
    x.size = sizeof(v4);
    return x;
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']'
      && ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(),
                     &v6.sin6_addr)
           == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = number;
    x.size = sizeof(v6);
    return x;
  }
  return wrong(text, "must be 127.0.0.1:1, [::1]:1, *:1 or unix:/a/path");
}

std::string actual_address(int fd, const std::string& asked) {
  sockaddr_storage bytes{};
  socklen_t size = sizeof(bytes);
  char text[INET6_ADDRSTRLEN] = "";
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bytes), &size) != 0)
    return asked;
  if (bytes.ss_family == AF_INET) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(bytes);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    return std::string{text} + ':' + std::to_string(ntohs(v4.sin_port));
  }
  if (bytes.ss_family == AF_INET6) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(bytes);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    return '[' + std::string{text} + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  return asked;
}

bool is_listened_on(const socket_address& x) {
  unique_fd fd{
    ::socket(x.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd)
    return false;
  if (x.family() == AF_UNIX)
    return ::connect(fd.get(), x.get(), x.size) == 0 || errno == EAGAIN;
  int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (x.family() == AF_INET6)
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  return ::bind(fd.get(), x.get(), x.size) != 0 && errno == EADDRINUSE;
}

} // namespace saker::process

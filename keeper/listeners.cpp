#include "keeper/listeners.hpp"

#include "base/text.hpp"

#include <cerrno>
#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace saker::keeper {

namespace {

struct address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  std::string path; ///< of a socket file

  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&bytes);
  }

  int family() const {
    return bytes.ss_family;
  }
};

failure wrong(const std::string& text, std::string_view why) {
  return fail(errc::invalid_argument,
              "address " + printable(text, 128) + ": " + std::string{why});
}

/// `bind EADDRINUSE: Address already in use`.
failure failed(std::string_view step, int error) {
  return fail(errc::io, std::string{step} + ' ' + std::string{errno_name(error)}
                          + ": " + errno_text(error));
}

result<address> parse_path(const std::string& text) {
  address x;
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

result<address> parse_address(const std::string& text) {
  if (text.starts_with("unix:"))
    return parse_path(text);
  auto colon = text.rfind(':');
  auto port = colon == text.npos ? std::nullopt
                                 : parse_integer(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65'535)
    return wrong(text, "a port from 0 to 65535 must stand behind the last "
                       "colon");
  auto host = text.substr(0, colon);
  address x;
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

/// Removes the socket file of a program that is gone. Anything else that
/// stands there makes bind fail, as it should.
void remove_leftover(const address& x) {
  struct stat about {};
  if (::lstat(x.path.c_str(), &about) != 0 || !S_ISSOCK(about.st_mode))
    return;
  unique_fd probe{
    ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (probe && ::connect(probe.get(), x.get(), x.size) != 0
      && errno == ECONNREFUSED)
    ::unlink(x.path.c_str());
}

result<void> bind_path(int fd, const address& x, const link::listen& what) {
  remove_leftover(x);
  auto before = ::umask(0177); // nobody connects before mode and group stand
  auto bound = ::bind(fd, x.get(), x.size);
  auto error = errno;
  ::umask(before);
  if (bound != 0)
    return failed("bind", error);
  if (!what.group.empty()) {
    auto gid = parse_integer(what.group);
    if (!gid)
      if (auto entry = ::getgrnam(what.group.c_str()))
        gid = entry->gr_gid;
    if (!gid || *gid < 0)
      return failed("group", ENOENT);
    if (::chown(x.path.c_str(), static_cast<uid_t>(-1),
                static_cast<gid_t>(*gid))
        != 0)
      return failed("group", errno);
  }
  if (::chmod(x.path.c_str(), what.mode) != 0)
    return failed("mode", errno);
  return {};
}

result<void> bind_port(int fd, const address& x) {
  int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (x.family() == AF_INET6)
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  if (::bind(fd, x.get(), x.size) != 0)
    return failed("bind", errno);
  return {};
}

} // namespace

result<std::pair<unique_fd, std::string>>
listeners::listen(const link::listen& what) {
  auto at = held_.find(what.address);
  if (at == held_.end()) {
    auto to = parse_address(what.address);
    if (!to)
      return to.error();
    unique_fd fd{
      ::socket(to->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!fd)
      return failed("socket", errno);
    auto bound = to->path.empty() ? bind_port(fd.get(), *to)
                                  : bind_path(fd.get(), *to, what);
    if (!bound)
      return bound.error();
    if (::listen(fd.get(), what.backlog) != 0)
      return failed("listen", errno);
    auto actual = actual_address(fd.get(), what.address);
    at = held_.emplace(what.address, held{std::move(fd), actual}).first;
  }
  unique_fd copy{::fcntl(at->second.fd.get(), F_DUPFD_CLOEXEC, 14)};
  if (!copy)
    return failed("socket", errno);
  return std::pair{std::move(copy), at->second.actual};
}

void listeners::unlisten(std::string_view address) {
  auto at = held_.find(address);
  if (at == held_.end())
    return;
  if (auto x = parse_address(at->first); x && !x->path.empty())
    ::unlink(x->path.c_str());
  held_.erase(at);
}

void listeners::close_all() {
  while (!held_.empty())
    unlisten(std::string{held_.begin()->first});
}

} // namespace saker::keeper

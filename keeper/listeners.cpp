#include "keeper/listeners.hpp"

#include "base/text.hpp"
#include "process/socket_address.hpp"

#include <cerrno>

#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace saker::keeper {

namespace {

/// `bind EADDRINUSE: Address already in use`.
failure failed(std::string_view step, int error) {
  return fail(errc::io, std::string{step} + ' ' + std::string{errno_name(error)}
                          + ": " + errno_text(error));
}

/// Removes the socket file of a program that is gone. Anything else that
/// stands there makes bind fail, as it should.
void remove_leftover(const process::socket_address& x) {
  struct stat about {};
  if (::lstat(x.path.c_str(), &about) != 0 || !S_ISSOCK(about.st_mode))
    return;
  unique_fd probe{
    ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (probe && ::connect(probe.get(), x.get(), x.size) != 0
      && errno == ECONNREFUSED)
    ::unlink(x.path.c_str());
}

result<void>
bind_path(int fd, const process::socket_address& x, const link::listen& what) {
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

result<void> bind_port(int fd, const process::socket_address& x) {
  int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (x.family() == AF_INET6)
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  if (::bind(fd, x.get(), x.size) != 0)
    return failed("bind", errno);
  return {};
}

/// Behind the numbers that are lent to children.
unique_fd copy_of(int fd) {
  return unique_fd{::fcntl(fd, F_DUPFD_CLOEXEC, 14)};
}

} // namespace

result<std::pair<unique_fd, std::string>>
listeners::listen(const link::listen& what) {
  auto at = held_.find(what.address);
  if (at == held_.end()) {
    auto to = process::parse_socket_address(what.address);
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
    auto actual = process::actual_address(fd.get(), what.address);
    at = held_.emplace(what.address, held{std::move(fd), actual}).first;
  }
  at->second.wanted = true;
  auto copy = copy_of(at->second.fd.get());
  if (!copy)
    return failed("socket", errno);
  return std::pair{std::move(copy), at->second.actual};
}

result<std::vector<unique_fd>>
listeners::lend(const std::vector<std::string>& addresses) {
  std::vector<unique_fd> result;
  for (auto& address : addresses) {
    auto at = held_.find(address);
    if (at == held_.end())
      return fail(errc::not_found, "nobody listens on " + printable(address)
                                     + ": LISTEN must come first");
    auto copy = copy_of(at->second.fd.get());
    // A program that knows nothing of us expects accept to wait.
    auto flags = copy ? ::fcntl(copy.get(), F_GETFL) : -1;
    if (flags < 0 || ::fcntl(copy.get(), F_SETFL, flags & ~O_NONBLOCK) < 0)
      return failed("socket", errno);
    at->second.lent = true;
    result.push_back(std::move(copy));
  }
  return result;
}

void listeners::begin_node() {
  for (auto& [_, x] : held_)
    x.wanted = false;
}

std::vector<std::string> listeners::close_unwanted() {
  std::vector<std::string> closed;
  for (auto& [address, x] : held_)
    if (!x.wanted && !x.lent)
      closed.push_back(address);
  for (auto& address : closed)
    unlisten(address);
  return closed;
}

void listeners::unlisten(std::string_view address) {
  auto at = held_.find(address);
  if (at == held_.end())
    return;
  if (auto x = process::parse_socket_address(at->first); x && !x->path.empty())
    ::unlink(x->path.c_str());
  held_.erase(at);
}

void listeners::close_all() {
  while (!held_.empty())
    unlisten(std::string{held_.begin()->first});
}

} // namespace saker::keeper

#include "cli/socket_transport.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <thread>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace saker::cli {

namespace {

/// How long the other side may leave our bytes unread.
constexpr auto send_patience = milliseconds{10'000};

failure not_connected(const server_address& to, const std::string& reason) {
  return fail(errc::io, "connect " + to_string(to) + ": " + reason);
}

/// True if the socket is ready for `events` within `patience`.
bool wait_for(int fd, short events, milliseconds patience) {
  auto end = std::chrono::steady_clock::now();
  auto endless = patience == forever;
  if (!endless)
    end += patience;
  for (;;) {
    auto left
      = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
    auto timeout = std::clamp<long long>(left.count(), 0, INT_MAX);
    pollfd one{fd, events, 0};
    auto n = ::poll(&one, 1, endless ? -1 : static_cast<int>(timeout));
    if (n > 0)
      return true;
    if (n < 0 && errno != EINTR)
      return false;
    if (n == 0)
      return false;
  }
}

/// Returns an errno, 0 when connected.
int try_connect(int fd, const sockaddr* to, socklen_t size,
                milliseconds patience) {
  if (::connect(fd, to, size) == 0)
    return 0;
  // A UNIX socket whose queue is full says EAGAIN, and cannot be waited for.
  if (errno != EINPROGRESS)
    return errno;
  if (!wait_for(fd, POLLOUT, patience))
    return ETIMEDOUT;
  int error = 0;
  socklen_t length = sizeof(error);
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
    return errno;
  return error;
}

unique_fd new_socket(int family) {
  return unique_fd{
    ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

result<unique_fd>
connect_local(const server_address& to, milliseconds patience) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (to.path.size() >= sizeof(address.sun_path))
    return not_connected(to, "the path is too long");
  std::memcpy(address.sun_path, to.path.data(), to.path.size());
  auto fd = new_socket(AF_UNIX);
  auto error = !fd
                 ? errno
                 : try_connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
                               sizeof(address), patience);
  if (error != 0)
    return not_connected(to, errno_text(error));
  return fd;
}

struct free_addresses {
  void operator()(addrinfo* x) const {
    ::freeaddrinfo(x);
  }
};

result<unique_fd> connect_tcp(const server_address& to, milliseconds patience) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  auto port = std::to_string(to.port);
  auto code = ::getaddrinfo(to.host.c_str(), port.c_str(), &wanted, &list);
  if (code != 0)
    return not_connected(to, ::gai_strerror(code));
  std::unique_ptr<addrinfo, free_addresses> found{list};
  auto error = EADDRNOTAVAIL;
  for (auto i = found.get(); i; i = i->ai_next) {
    auto fd = new_socket(i->ai_family);
    error = !fd ? errno
                : try_connect(fd.get(), i->ai_addr, i->ai_addrlen, patience);
    if (error != 0)
      continue;
    int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
  }
  return not_connected(to, errno_text(error));
}

} // namespace

result<void>
socket_transport::connect(const server_address& to, milliseconds patience) {
  tls_.reset();
  socket_.reset();
  auto fd = to.path.empty() ? connect_tcp(to, patience)
                            : connect_local(to, patience);
  if (!fd)
    return fd.error();
  socket_ = std::move(*fd);
  return to.tls ? secure(to, patience) : result<void>{};
}

result<void>
socket_transport::secure(const server_address& to, milliseconds patience) {
  auto made = tls_session::make(files_, wait_for);
  if (!made)
    return not_connected(to, made.error().detail);
  auto done = (*made)->handshake(socket_.get(), to.host, patience);
  if (!done)
    return not_connected(to, done.error().detail);
  tls_ = std::move(*made);
  return {};
}

result<void> socket_transport::send(std::string_view bytes) {
  if (tls_)
    return tls_->send(bytes, send_patience);
  while (!bytes.empty()) {
    auto n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    if (errno == EINTR)
      continue;
    if (errno != EAGAIN)
      return fail(errc::closed, errno_text(errno));
    if (!wait_for(socket_.get(), POLLOUT, send_patience))
      return fail(errc::timeout, "it does not read what we send");
  }
  return {};
}

result<std::string> socket_transport::receive(milliseconds patience) {
  if (tls_)
    return tls_->receive(patience);
  std::array<char, 65536> bytes{};
  for (;;) {
    auto n = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (n > 0)
      return std::string{bytes.data(), static_cast<std::size_t>(n)};
    if (n == 0)
      return fail(errc::closed, "it closed the connection");
    if (errno == EINTR)
      continue;
    if (errno != EAGAIN)
      return fail(errc::closed, errno_text(errno));
    if (!wait_for(socket_.get(), POLLIN, patience))
      return std::string{};
  }
}

milliseconds socket_transport::now() {
  return std::chrono::duration_cast<milliseconds>(
    std::chrono::steady_clock::now().time_since_epoch());
}

void socket_transport::pause(milliseconds time) {
  std::this_thread::sleep_for(time);
}

} // namespace saker::cli

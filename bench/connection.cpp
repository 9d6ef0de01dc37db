#include "bench/connection.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace saker::bench {

void die(const std::string& what) {
  std::fprintf(stderr, "saker-load: %s\n", what.c_str());
  std::exit(1);
}

connection::connection(int epoll, std::uint16_t port, void* tag)
  : epoll_(epoll), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
    tag_(tag) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ < 0
      || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address)
           != 0)
    die("connect to port " + std::to_string(port) + ": "
        + std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
  int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = tag_;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &event);
}

connection::~connection() {
  ::close(fd_);
}

void connection::send(std::string_view bytes) {
  out_ += bytes;
  flush();
}

void connection::flush() {
  while (!out_.empty()) {
    auto n = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno != EAGAIN)
      die("a connection broke while it was written");
    if (n < 0)
      break;
    out_.erase(0, static_cast<std::size_t>(n));
  }
  if (waiting_ == !out_.empty())
    return;
  waiting_ = !out_.empty();
  epoll_event event{};
  event.events = waiting_ ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = tag_;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_, &event);
}

void connection::receive(bool wait) {
  static std::array<char, 256 * 1024> piece;
  auto n = ::recv(fd_, piece.data(), piece.size(), wait ? 0 : MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0)
    die("the server closed a connection");
  in_.append(piece.data(), static_cast<std::size_t>(n));
}

} // namespace saker::bench

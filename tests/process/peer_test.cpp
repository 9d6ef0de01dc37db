#include "process/peer.hpp"

#include "tests/process/children.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

namespace saker::process {
namespace {

using namespace test;

const auto us = ::geteuid() == 0 ? peer::kind::root : peer::kind::self;

/// A listening socket on a loopback address, and connections to it.
class tcp_listener {
public:
  explicit tcp_listener(int family) : family_(family) {
    fd_.reset(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto x = address(0);
    auto size = length();
    ready_ = ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&x), size) == 0
             && ::listen(fd_.get(), 16) == 0;
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&x), &size);
    port_ = family == AF_INET ? reinterpret_cast<sockaddr_in&>(x).sin_port
                              : reinterpret_cast<sockaddr_in6&>(x).sin6_port;
  }

  bool ready() const {
    return ready_;
  }

  unique_fd connect() const {
    unique_fd fd{::socket(family_, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    auto x = address(port_);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&x), length()) != 0)
      fd.reset();
    return fd;
  }

  unique_fd accept() const {
    return unique_fd{::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  }

private:
  sockaddr_storage address(in_port_t port) const {
    sockaddr_storage x = {};
    x.ss_family = static_cast<sa_family_t>(family_);
    if (family_ == AF_INET) {
      auto& in = reinterpret_cast<sockaddr_in&>(x);
      in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      in.sin_port = port;
    } else {
      auto& in = reinterpret_cast<sockaddr_in6&>(x);
      in.sin6_addr = in6addr_loopback;
      in.sin6_port = port;
    }
    return x;
  }

  socklen_t length() const {
    return family_ == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  }

  int family_;
  bool ready_ = false;
  in_port_t port_ = 0;
  unique_fd fd_;
};

class tcp_peer_test : public testing::TestWithParam<int> {
protected:
  tcp_peer_test() : listener(GetParam()) {
    // nop
  }

  void SetUp() override {
    if (!listener.ready())
      GTEST_SKIP() << "this address family has no loopback here";
  }

  /// All three ways to ask, which have to agree.
  peer ask(int socket) {
    auto x = identify_peer(socket);
    EXPECT_EQ(identify_peer(socket, peer_source::netlink), x);
    EXPECT_EQ(identify_peer(socket, peer_source::proc), x);
    return x;
  }

  tcp_listener listener;
};

TEST_P(tcp_peer_test, is_the_user_who_holds_the_other_end) {
  auto client = listener.connect();
  auto server = listener.accept();
  EXPECT_EQ(ask(server.get()), (peer{us, ::geteuid(), 0}));
  EXPECT_EQ(ask(client.get()), (peer{us, ::geteuid(), 0}));
}

TEST_P(tcp_peer_test, is_a_stranger_when_it_sent_and_closed_at_once) {
  {
    auto client = listener.connect();
    ASSERT_EQ(::send(client.get(), "x", 1, 0), 1);
  }
  auto server = listener.accept();
  pollfd x{server.get(), POLLRDHUP, 0};
  ASSERT_EQ(::poll(&x, 1, deadline_ms), 1);
  EXPECT_EQ(ask(server.get()), peer{});
  char c = 0;
  EXPECT_EQ(::recv(server.get(), &c, 1, 0), 1) << "what it said is there";
}

TEST_P(tcp_peer_test, is_a_stranger_when_it_is_gone_by_a_reset) {
  auto client = listener.connect();
  auto server = listener.accept();
  linger now{1, 0};
  ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  client.reset();
  pollfd x{server.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&x, 1, deadline_ms), 1);
  EXPECT_EQ(ask(server.get()), peer{});
}

TEST_P(tcp_peer_test, is_a_stranger_when_it_closed_one_direction) {
  auto client = listener.connect();
  auto server = listener.accept();
  ::shutdown(client.get(), SHUT_WR);
  pollfd x{server.get(), POLLRDHUP, 0};
  ASSERT_EQ(::poll(&x, 1, deadline_ms), 1);
  EXPECT_EQ(ask(server.get()), peer{});
}

TEST_P(tcp_peer_test, needs_root_tells_another_user) {
  SAKER_NEEDS_ROOT();
  auto pid = ::fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    // Waits until our end is closed.
    auto ok = ::setresuid(65534, 65534, 65534) == 0;
    auto client = listener.connect();
    char c = 0;
    ::_exit(ok && client && ::recv(client.get(), &c, 1, 0) == 0 ? 0 : 1);
  }
  auto server = listener.accept();
  EXPECT_EQ(ask(server.get()), (peer{peer::kind::other, 65534, 0}));
  server.reset();
  auto status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

INSTANTIATE_TEST_SUITE_P(families, tcp_peer_test,
                         testing::Values(AF_INET, AF_INET6),
                         [](const testing::TestParamInfo<int>& x) {
                           return x.param == AF_INET ? "ipv4" : "ipv6";
                         });

TEST(mapped_peer_test, is_known_on_a_socket_for_both_families) {
  unique_fd fd{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto off = 0;
  ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  sockaddr_in6 x = {};
  x.sin6_family = AF_INET6;
  ::inet_pton(AF_INET6, "::ffff:127.0.0.1", &x.sin6_addr);
  socklen_t size = sizeof(x);
  if (!fd || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&x), size) != 0)
    GTEST_SKIP() << "no IPv6 here";
  ASSERT_EQ(::listen(fd.get(), 1), 0);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&x), &size);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = x.sin6_port;
  unique_fd client{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ASSERT_EQ(
    ::connect(client.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  unique_fd server{::accept4(fd.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  for (auto source : {peer_source::netlink, peer_source::proc})
    EXPECT_EQ(identify_peer(server.get(), source).who, us);
  EXPECT_EQ(identify_peer(client.get(), peer_source::netlink).who, us);
}

TEST(unix_peer_test, is_who_connected) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  unique_fd one{ends[0]};
  unique_fd two{ends[1]};
  EXPECT_EQ(identify_peer(one.get()), (peer{us, ::geteuid(), ::getpid()}));
}

TEST(unix_peer_test, needs_root_tells_another_user) {
  SAKER_NEEDS_ROOT();
  temp_dir dir;
  ::chmod(dir.path().c_str(), 0755);
  sockaddr_un x = {};
  x.sun_family = AF_UNIX;
  std::strcpy(x.sun_path, (dir / "s").c_str());
  auto address = reinterpret_cast<sockaddr*>(&x);
  unique_fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ASSERT_EQ(::bind(fd.get(), address, sizeof(x)), 0);
  ASSERT_EQ(::chmod(x.sun_path, 0666), 0);
  ASSERT_EQ(::listen(fd.get(), 1), 0);
  auto pid = ::fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    auto ok = ::setresuid(65534, 65534, 65534) == 0;
    unique_fd client{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    ::_exit(ok && ::connect(client.get(), address, sizeof(x)) == 0 ? 0 : 1);
  }
  unique_fd server{::accept4(fd.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  auto status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
  // It has closed, and is still who it was: the kernel kept that at connect.
  EXPECT_EQ(identify_peer(server.get()), (peer{peer::kind::other, 65534, pid}));
}

TEST(peer_test, is_a_stranger_on_anything_else) {
  EXPECT_EQ(identify_peer(-1), peer{});
  EXPECT_EQ(identify_peer(STDIN_FILENO), peer{});
  unique_fd alone{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  EXPECT_EQ(identify_peer(alone.get()), peer{});
  unique_fd local{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  EXPECT_EQ(identify_peer(local.get()), peer{});
}

} // namespace
} // namespace saker::process

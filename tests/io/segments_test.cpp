#include "io/segments.hpp"

#include "base/unique_fd.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace saker::io {
namespace {

/// Two ends of a TCP connection within this process.
struct tcp_pair {
  tcp_pair() {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* address = reinterpret_cast<sockaddr*>(&where);
    socklen_t size = sizeof(where);
    unique_fd door{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    EXPECT_EQ(::bind(door.get(), address, size), 0);
    EXPECT_EQ(::listen(door.get(), 1), 0);
    EXPECT_EQ(::getsockname(door.get(), address, &size), 0);
    EXPECT_EQ(::connect(near.get(), address, size), 0);
    far.reset(::accept4(door.get(), nullptr, nullptr, SOCK_CLOEXEC));
    int on = 1;
    EXPECT_EQ(
      ::setsockopt(far.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
  }

  unique_fd near{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  unique_fd far;
};

TEST(segments_test, counts_those_with_data_also_while_nobody_reads) {
  tcp_pair link;
  EXPECT_EQ(data_segments_in(link.near.get()), 0u);
  for (auto i = 1u; i <= 3; ++i) {
    ASSERT_EQ(::send(link.far.get(), "x", 1, 0), 1);
    EXPECT_EQ(data_segments_in(link.near.get()), i);
  }
  EXPECT_EQ(data_segments_in(link.far.get()), 0u); // it got no data
}

TEST(segments_test, are_none_where_there_is_no_tcp) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  unique_fd a{ends[0]};
  unique_fd b{ends[1]};
  EXPECT_EQ(data_segments_in(a.get()), 0u);
}

} // namespace
} // namespace saker::io

#include "process/socket_address.hpp"

#include "base/unique_fd.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/un.h>

namespace saker::process {
namespace {

std::string error(const std::string& text) {
  auto x = parse_socket_address(text);
  return x ? "no error" : x.error().detail;
}

TEST(socket_address_test, ports_are_of_one_address_or_of_all) {
  auto one = parse_socket_address("127.0.0.1:8080");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->family(), AF_INET);
  auto& in = reinterpret_cast<const sockaddr_in&>(one->bytes);
  EXPECT_EQ(ntohs(in.sin_port), 8080);
  EXPECT_EQ(ntohl(in.sin_addr.s_addr), INADDR_LOOPBACK);
  auto all = parse_socket_address("*:80");
  ASSERT_TRUE(all);
  EXPECT_EQ(reinterpret_cast<const sockaddr_in&>(all->bytes).sin_addr.s_addr,
            INADDR_ANY);
  auto six = parse_socket_address("[::1]:80");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->family(), AF_INET6);
}

TEST(socket_address_test, a_path_is_a_socket_file) {
  auto x = parse_socket_address("unix:/run/x.sock");
  ASSERT_TRUE(x);
  EXPECT_EQ(x->family(), AF_UNIX);
  EXPECT_EQ(x->path, "/run/x.sock");
  auto& un = reinterpret_cast<const sockaddr_un&>(x->bytes);
  EXPECT_EQ(std::string{un.sun_path}, "/run/x.sock");
}

TEST(socket_address_test, knows_whether_somebody_listens_on_a_file) {
  test::temporary_directory dir;
  auto x = parse_socket_address("unix:" + (dir.path() / "a").string());
  ASSERT_TRUE(x);
  EXPECT_FALSE(is_listened_on(*x));
  unique_fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ASSERT_EQ(::bind(fd.get(), x->get(), x->size), 0);
  EXPECT_FALSE(is_listened_on(*x));
  ASSERT_EQ(::listen(fd.get(), 1), 0);
  EXPECT_TRUE(is_listened_on(*x));
  EXPECT_TRUE(is_listened_on(*x)); // nobody accepts: the queue is full then
  EXPECT_TRUE(is_listened_on(*x));
  fd.reset();
  EXPECT_FALSE(is_listened_on(*x)); // the file is a leftover
}

TEST(socket_address_test, what_is_no_address_is_told) {
  EXPECT_EQ(error("unix:x"), "address unix:x: the path must be absolute");
  EXPECT_NE(error("unix:/" + std::string(107, 'x'))
              .find("the path is longer than 107 bytes"),
            std::string::npos);
  for (std::string bad : {"", "80", "localhost:80", "::1:80", "[::1]"})
    EXPECT_NE(error(bad), "no error") << bad;
  EXPECT_EQ(error("127.0.0.1:65536"),
            "address 127.0.0.1:65536: a port from 0 to 65535 must stand behind "
            "the last colon");
  EXPECT_EQ(error("localhost:80"),
            "address localhost:80: must be 127.0.0.1:1, [::1]:1, *:1 or "
            "unix:/a/path");
}

} // namespace
} // namespace saker::process

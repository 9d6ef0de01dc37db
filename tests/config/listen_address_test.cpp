#include "config/listen_address.hpp"

#include <gtest/gtest.h>

namespace saker::config {
namespace {

result<listen_address> parse(std::string_view text) {
  return parse_listen_address(text, "/run/saker");
}

TEST(listen_address_test, reads_ipv4) {
  auto x = parse("127.0.0.1:12007");
  ASSERT_TRUE(x);
  EXPECT_TRUE(x->is_tcp());
  EXPECT_EQ(x->host, "127.0.0.1");
  EXPECT_EQ(x->port, 12007);
  EXPECT_FALSE(x->optional);
  EXPECT_EQ(to_string(*x), "127.0.0.1:12007");
}

TEST(listen_address_test, reads_ipv6_in_brackets_in_its_shortest_form) {
  auto x = parse("[0:0::0001]:1");
  ASSERT_TRUE(x);
  EXPECT_EQ(x->host, "::1");
  EXPECT_EQ(to_string(*x), "[::1]:1");
}

TEST(listen_address_test, reads_localhost_without_asking_anybody) {
  EXPECT_EQ(to_string(*parse("localhost:65535")), "127.0.0.1:65535");
}

TEST(listen_address_test, a_leading_minus_makes_it_optional) {
  EXPECT_TRUE(parse("-[::1]:12007")->optional);
  EXPECT_TRUE(parse("-unix:a")->optional);
  EXPECT_EQ(to_string(*parse("-unix:a")), "unix:/run/saker/a");
}

TEST(listen_address_test, puts_relative_sockets_into_the_runtime_directory) {
  EXPECT_EQ(parse("unix:saker.sock")->path, "/run/saker/saker.sock");
  EXPECT_EQ(parse("unix:/tmp/x.sock")->path, "/tmp/x.sock");
  EXPECT_EQ(parse("unix:../a")->path, "/run/a");
}

TEST(listen_address_test, tells_loopback_from_the_network) {
  for (auto text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "unix:a",
                    "[::ffff:127.0.0.1]:1"})
    EXPECT_TRUE(parse(text)->loopback()) << text;
  for (auto text : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "128.0.0.1:1",
                    "[::2]:1", "[fe80::1]:1", "[::ffff:10.0.0.1]:1"})
    EXPECT_FALSE(parse(text)->loopback()) << text;
}

TEST(listen_address_test, refuses_what_is_no_address) {
  for (auto text :
       {"", ":", "-", "1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0",
        "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:1x", "127.0.0:1",
        "example:1", "::1:1", "[::1:1", "[]:1", "[127.0.0.1]:1", ":1", "unix:"})
    EXPECT_FALSE(parse(text)) << text;
}

TEST(listen_address_test, says_what_is_wrong_and_shows_a_right_one) {
  EXPECT_EQ(parse("::1:12007").error().detail,
            "\"::1:12007\" is not an address: IPv6 stands in brackets; write "
            "for example \"127.0.0.1:12007\", \"[::1]:12007\", "
            "\"unix:saker.sock\"");
}

TEST(listen_address_test, refuses_a_socket_path_over_107_bytes) {
  auto longest = "unix:/" + std::string(106, 'x');
  EXPECT_TRUE(parse(longest));
  EXPECT_EQ(parse(longest + 'x').error().code, errc::limit);
}

} // namespace
} // namespace saker::config

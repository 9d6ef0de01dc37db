#include "cli/address.hpp"

#include <gtest/gtest.h>

namespace saker::cli {
namespace {

server_address address_of(std::string_view text) {
  auto x = parse_server_address(text);
  EXPECT_TRUE(x) << text << ": " << x.error().detail;
  return x ? *x : server_address{};
}

std::string address_complaint(std::string_view text) {
  auto x = parse_server_address(text);
  return x ? "none" : x.error().detail;
}

TEST(address_test, reads_host_and_port) {
  EXPECT_EQ(address_of("127.0.0.1:7"),
            (server_address{.host = "127.0.0.1", .port = 7}));
  EXPECT_EQ(address_of("box.example:65535"),
            (server_address{.host = "box.example", .port = 65535}));
  EXPECT_EQ(address_of("[::1]:7"), (server_address{.host = "::1", .port = 7}));
}

TEST(address_test, the_port_is_ours_unless_given) {
  EXPECT_EQ(address_of("localhost").port, 12007);
  EXPECT_EQ(address_of("[::1]").port, 12007);
  EXPECT_EQ(address_of("redis://h").port, 12007);
}

TEST(address_test, reads_paths) {
  EXPECT_EQ(address_of("unix:/run/x.sock"),
            (server_address{.path = "/run/x.sock"}));
  EXPECT_EQ(address_of("unix:///run/x.sock").path, "/run/x.sock");
  EXPECT_EQ(address_of("unix:x.sock").path, "x.sock");
}

TEST(address_test, reads_urls) {
  auto x = address_of("redis://ann:secret@h:7/0");
  EXPECT_EQ(x.host, "h");
  EXPECT_EQ(x.port, 7);
  EXPECT_EQ(x.user, "ann");
  EXPECT_EQ(x.password, "secret");
  EXPECT_EQ(address_of("redis://").host, "127.0.0.1");
  EXPECT_FALSE(address_of("redis://h:7").password);
  EXPECT_EQ(address_of("redis://[::1]:7/").host, "::1");
}

TEST(address_test, reads_urls_of_tls) {
  auto x = address_of("rediss://ann:secret@h:7");
  EXPECT_TRUE(x.tls);
  EXPECT_EQ(x.host, "h");
  EXPECT_EQ(x.password, "secret");
  EXPECT_EQ(to_string(x), "rediss://h:7");
  EXPECT_EQ(address_of(to_string(x)).port, 7);
  EXPECT_FALSE(address_of("redis://h").tls);
}

TEST(address_test, a_password_without_a_user_is_that_of_default) {
  auto x = address_of("redis://:secret@h");
  EXPECT_EQ(x.user, "default");
  EXPECT_EQ(x.password, "secret");
}

TEST(address_test, decodes_user_and_password) {
  auto x = address_of("redis://a%40b:p%3A%2f%25@h");
  EXPECT_EQ(x.user, "a@b");
  EXPECT_EQ(x.password, "p:/%");
  EXPECT_EQ(address_of("redis://:p@q@h").password, "p@q");
}

TEST(address_test, says_no_password_again) {
  for (auto text : {"redis:/ann:pw@h", "http://ann:pw@h", "ann:pw@h:1",
                    "redis://ann:pw@h:0", "redis://ann:pw%@h", "pw@", "@pw@h"})
    EXPECT_EQ(address_complaint(text).find("pw"), std::string::npos) << text;
  EXPECT_NE(address_complaint("http://ann:pw@h:1").find("\"***@h:1\""),
            std::string::npos);
}

TEST(address_test, says_what_is_wrong) {
  EXPECT_NE(address_complaint("h:0").find("the port must be from 1 to 65535"),
            std::string::npos);
  EXPECT_NE(address_complaint("h:65536").find("the port must be"),
            std::string::npos);
  EXPECT_NE(address_complaint("h:x").find("the port must be"),
            std::string::npos);
  EXPECT_NE(address_complaint("::1").find("the host is missing"),
            std::string::npos);
  EXPECT_NE(address_complaint("fe80::1").find("IPv6 stands in brackets"),
            std::string::npos);
  EXPECT_NE(address_complaint("[::1").find("the ] is missing"),
            std::string::npos);
  EXPECT_NE(address_complaint("[::1]7").find("the port must be"),
            std::string::npos);
  EXPECT_NE(address_complaint("").find("it is empty"), std::string::npos);
  EXPECT_NE(address_complaint("unix:").find("the path is missing"),
            std::string::npos);
  EXPECT_NE(address_complaint("/run/x").find("a path needs unix: before it"),
            std::string::npos);
  EXPECT_NE(address_complaint("http://h").find("the port must be"),
            std::string::npos);
  EXPECT_NE(address_complaint("a b").find("no name of a host"),
            std::string::npos);
  EXPECT_NE(address_complaint("redis://h/x").find("only a number"),
            std::string::npos);
  EXPECT_TRUE(address_complaint("h:0").ends_with(
    "; write for example 127.0.0.1:12007, unix:/run/saker/saker.sock, "
    "redis://USER:PASSWORD@HOST:12007"));
}

TEST(address_test, a_path_has_at_most_107_bytes) {
  EXPECT_EQ(address_of("unix:" + std::string(107, 'x')).path.size(), 107u);
  EXPECT_NE(
    address_complaint("unix:" + std::string(108, 'x')).find("108 bytes"),
    std::string::npos);
}

TEST(address_test, no_text_repeats_the_password) {
  for (auto text : {"redis://u:secret@h:x", "redis://u:secret%@h",
                    "redis://secret@h", "redis://u:secret@h/x"})
    EXPECT_EQ(address_complaint(text).find("secret"), std::string::npos)
      << text;
  EXPECT_EQ(to_string(address_of("redis://u:secret@h:7")), "h:7");
}

TEST(address_test, prints_what_it_reads) {
  for (auto text : {"h:7", "[::1]:7", "unix:/x"})
    EXPECT_EQ(to_string(address_of(text)), text);
}

config::listen_address listening(std::string_view text) {
  auto x = config::parse_listen_address(text, "/run/saker");
  EXPECT_TRUE(x) << text;
  return x ? *x : config::listen_address{};
}

TEST(address_test, local_ones_are_unix_sockets_first) {
  auto all
    = local_addresses({listening("127.0.0.1:12007"), listening("-[::1]:12007"),
                       listening("unix:saker.sock")});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(to_string(all[0]), "unix:/run/saker/saker.sock");
  EXPECT_EQ(to_string(all[1]), "127.0.0.1:12007");
}

TEST(address_test, local_ones_reach_all_interfaces_and_the_usual_port) {
  auto all = local_addresses({listening("0.0.0.0:7"), listening("[::]:8")});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(to_string(all[0]), "127.0.0.1:7");
  EXPECT_EQ(to_string(all[1]), "[::1]:8");
  EXPECT_EQ(to_string(all[2]), "127.0.0.1:12007");
}

} // namespace
} // namespace saker::cli

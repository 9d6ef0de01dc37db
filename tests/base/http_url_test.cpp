#include "base/http_url.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

http_url parsed_url(std::string_view text) {
  auto x = parse_http_url(text);
  EXPECT_TRUE(x) << x.error().detail;
  return x ? *x : http_url{};
}

std::string url_complaint(std::string_view text) {
  auto x = parse_http_url(text);
  return x ? "none" : x.error().detail;
}

TEST(http_url_test, has_host_port_and_target) {
  EXPECT_EQ(parsed_url("http://example.org"),
            (http_url{"example.org", "80", "example.org", "/"}));
  EXPECT_EQ(parsed_url("http://127.0.0.1:8080/a/b?c=d#e"),
            (http_url{"127.0.0.1", "8080", "127.0.0.1:8080", "/a/b?c=d"}));
  EXPECT_EQ(parsed_url("http://[::1]:8080?x"),
            (http_url{"::1", "8080", "[::1]:8080", "/?x"}));
  EXPECT_EQ(parsed_url("http://[::1]").host, "::1");
  EXPECT_EQ(parsed_url("https://example.org/x"),
            (http_url{"example.org", "443", "example.org", "/x", true}));
  EXPECT_EQ(parsed_url("https://[::1]:8443").port, "8443");
}

TEST(http_url_test, says_what_is_wrong) {
  for (auto text :
       {"http://", "http:///x", "http://:80/", "http://a:0", "http://a:65536",
        "http://a:b", "http://[::1", "http://a:", "http://[::1]80"})
    EXPECT_EQ(url_complaint(text),
              std::string{'"'} + text
                + "\" needs a host, as in http://127.0.0.1:8080/path");
  EXPECT_EQ(url_complaint("http://me:secret@a/"),
            "\"http://me:secret@a/\" has a user or password, which are not "
            "sent");
  for (auto text : {"http://a/b c", "http://a/\r\nX: y", "http://a/\xc3\xa4"})
    EXPECT_NE(url_complaint(text).find("that no URL has"), std::string::npos);
  for (auto text : {"", "a", "ftp://a", "https:/a", "HTTP:/a"})
    EXPECT_NE(url_complaint(text).find("does not begin with http://"),
              std::string::npos);
}

} // namespace
} // namespace saker

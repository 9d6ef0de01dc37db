#include "io/client_tls.hpp"

#include "tests/support/test_certificates.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include <sys/stat.h>

namespace saker::io {
namespace {

class client_tls_test : public ::testing::Test {
protected:
  client_tls_test() {
    authority.issue("a");
    authority.issue("b");
  }

  /// Why these files are not taken.
  std::string complaint(const std::string& cert, const std::string& key,
                        const std::string& ca = {}) {
    auto x = load_client_tls({authority / cert, authority / key,
                              ca.empty() ? ca : (authority / ca).string(),
                              !ca.empty()});
    return x ? "fine" : x.error().detail;
  }

  /// How that begins for a file, whose path is of no interest.
  std::string read_failed(const std::string& file, const std::string& why) {
    return "read " + (authority / file).string() + ": " + why;
  }

  test::test_authority authority;
};

TEST_F(client_tls_test, takes_what_belongs_together) {
  EXPECT_EQ(complaint("a.pem", "a.key"), "fine");
  EXPECT_EQ(complaint("a.pem", "a.key", "ca.pem"), "fine");
}

TEST_F(client_tls_test, says_which_file_is_missing_and_which_setting_names_it) {
  auto advice = [](const std::string& setting) {
    return "No such file or directory; [tls] " + setting
           + " has to name a PEM file that Saker may read";
  };
  EXPECT_EQ(complaint("no.pem", "a.key"),
            read_failed("no.pem", advice("cert")));
  EXPECT_EQ(complaint("a.pem", "no.key"), read_failed("no.key", advice("key")));
  EXPECT_EQ(complaint("a.pem", "a.key", "no.pem"),
            read_failed("no.pem", advice("ca")));
}

TEST_F(client_tls_test, waits_for_nobody_who_writes_to_a_fifo) {
  ASSERT_EQ(::mkfifo((authority / "fifo").c_str(), 0600), 0);
  auto why = std::string{"it is no ordinary file"};
  for (std::string file : {"fifo", "."}) {
    auto start = read_failed(file, why);
    EXPECT_EQ(complaint(file, "a.key").substr(0, start.size()), start);
    EXPECT_EQ(complaint("a.pem", file).substr(0, start.size()), start);
    EXPECT_EQ(complaint("a.pem", "a.key", file).substr(0, start.size()), start);
  }
}

TEST_F(client_tls_test, says_that_a_file_holds_something_else) {
  std::ofstream{authority / "text.pem"} << "nonsense\n";
  std::filesystem::permissions(authority / "text.pem",
                               std::filesystem::perms{0600});
  auto start = read_failed("text.pem", "no PEM text of that kind is in it");
  EXPECT_EQ(complaint("text.pem", "a.key").substr(0, start.size()), start);
  EXPECT_NE(complaint("a.pem", "text.pem").find("[tls] key has to name"),
            std::string::npos);
  EXPECT_NE(complaint("a.pem", "a.key", "text.pem").find("[tls] ca has to"),
            std::string::npos);
}

TEST_F(client_tls_test, notices_the_key_of_another_certificate) {
  authority.make_strange_key("strange.key");
  for (std::string key : {"b.key", "strange.key"})
    EXPECT_EQ(
      complaint("a.pem", key),
      read_failed(key, "it is the key of another certificate than "
                         + (authority / "a.pem").string()
                         + "; [tls] cert and key have to belong together"));
}

TEST_F(client_tls_test, asks_nobody_for_the_password_of_a_key) {
  authority.make_locked_key("locked.key");
  auto start = read_failed("locked.key", "it is encrypted");
  auto said = complaint("a.pem", "locked.key");
  EXPECT_EQ(said.substr(0, start.size()), start);
  EXPECT_NE(said.find("openssl pkey -in "), std::string::npos);
}

TEST_F(client_tls_test, refuses_a_key_that_every_user_may_read) {
  std::filesystem::permissions(authority / "a.key",
                               std::filesystem::perms{0644});
  EXPECT_NE(complaint("a.pem", "a.key").find("chmod o="), std::string::npos);
}

TEST_F(client_tls_test, notices_that_our_certificate_has_expired) {
  authority.issue("old", -60);
  auto load = [&](const std::string& x) {
    return *load_client_tls(
      {authority / (x + ".pem"), authority / (x + ".key"), {}});
  };
  EXPECT_EQ(complaint_about(load("a")), "");
  EXPECT_NE(complaint_about(load("old")).find("has expired"),
            std::string::npos);
}

} // namespace
} // namespace saker::io

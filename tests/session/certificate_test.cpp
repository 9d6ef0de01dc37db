#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

peer over_tls(const std::string& certificate) {
  peer x;
  x.address = "10.0.0.7:4711";
  x.local_address = "10.0.0.1:12008";
  x.certificate = certificate;
  return x;
}

settings guarded_settings() {
  auto x = test::default_settings();
  test::set_user(x, "default", {">secret"});
  test::set_user(x, "ann", {"on", "+@all"});
  test::set_user(x, "bob", {"off", "+@all"});
  return x;
}

TEST(certificate_test, makes_its_client_the_user_that_it_names) {
  test::world x{guarded_settings(), over_tls("default")};
  EXPECT_EQ(x.feed("ACL WHOAMI\r\n"), "$7\r\ndefault\r\n");
}

TEST(certificate_test, needs_no_password_of_its_user) {
  test::world x{guarded_settings(), over_tls("ann")};
  EXPECT_EQ(x.feed("ACL WHOAMI\r\n"), "$3\r\nann\r\n");
}

TEST(certificate_test, helps_nobody_who_is_switched_off) {
  test::world x{guarded_settings(), over_tls("bob")};
  EXPECT_EQ(x.feed("ACL WHOAMI\r\n"), "-NOAUTH Authentication required.\r\n");
}

TEST(certificate_test, helps_nobody_whose_name_is_unknown) {
  test::world x{guarded_settings(), over_tls("nobody")};
  EXPECT_EQ(x.feed("ACL WHOAMI\r\n"), "-NOAUTH Authentication required.\r\n");
  test::world y{guarded_settings(), over_tls("")};
  EXPECT_EQ(y.feed("ACL WHOAMI\r\n"), "-NOAUTH Authentication required.\r\n");
}

TEST(certificate_test, makes_nobody_what_the_configuration_does_not_name) {
  // Without a password `default` is only for those whom the kernel knows.
  test::world x{test::default_settings(), over_tls("default")};
  EXPECT_EQ(x.feed("ACL WHOAMI\r\n"), "$5\r\nguest\r\n");
}

} // namespace
} // namespace saker::session

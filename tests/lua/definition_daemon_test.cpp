#include "tests/lua/support/definition_reading.hpp"

#include <gtest/gtest.h>

#include <string>

namespace saker::lua {
namespace {

using namespace test;

TEST(definition_errors_test,
     q11_a_daemon_is_known_by_its_pidfile_or_its_looks) {
  auto x = with("daemon = {pidfile = \"/run/nginx.pid\"}, match = \"^nginx\"");
  ASSERT_TRUE(x.daemon);
  EXPECT_EQ(*x.daemon, (supervision::daemon_settings{"/run/nginx.pid", ""}));
  EXPECT_EQ(x.match, "^nginx");
  x = with("daemon = {match = \"^/opt/legacyd\"}");
  EXPECT_EQ(*x.daemon, (supervision::daemon_settings{"", "^/opt/legacyd"}));
  EXPECT_FALSE(with("count = 1").daemon);
  EXPECT_TRUE(with("count = 2, daemon = {pidfile = \"/run/{i}\"}").daemon);
}

TEST(definition_errors_test, daemons_that_make_no_sense_are_refused) {
  auto form = "daemon must be a table with one key: {pidfile = "
              "\"/run/x.pid\"}, that the daemon writes itself, or {match = "
              "\"^/usr/sbin/x\"}, not ";
  EXPECT_EQ(error_of("daemon = true"), form + std::string{"true"});
  EXPECT_EQ(error_of("daemon = {}"), form + std::string{"a table"});
  EXPECT_EQ(error_of("daemon = {pidfile = \"/x\", match = \"x\"}"),
            form + std::string{"a table"});
  EXPECT_EQ(error_of("daemon = {pidfile = \"x\"}"),
            "daemon.pidfile must be a path that begins with \"/\", not \"x\"");
  EXPECT_TRUE(error_of("daemon = {match = \"x(\"}")
                .starts_with("daemon.match: match: missing"));
  EXPECT_TRUE(
    error_of("daemon = {pidfil = \"/x\"}").find("did you mean \"pidfile\"")
    != std::string::npos);
  EXPECT_EQ(error_of("pidfile = \"/y\", daemon = {pidfile = \"/x\"}"),
            "pidfile is locked for a program that stays; a daemon writes its "
            "own: daemon = {pidfile = …}");
  EXPECT_EQ(error_of("match = \"y\", daemon = {match = \"x\"}"),
            "match and daemon.match exclude each other: the one beside daemon "
            "belongs to a pidfile");
  for (auto keys : {"count = 2, daemon = {pidfile = \"/x\"}",
                    "count = 2, daemon = {match = \"x\"}"})
    EXPECT_EQ(error_of(keys), "daemon must contain {i}, because the instances "
                              "cannot share a process");
}

} // namespace
} // namespace saker::lua

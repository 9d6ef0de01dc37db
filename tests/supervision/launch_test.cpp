#include "supervision/launch.hpp"

#include <gtest/gtest.h>

#include <gmock/gmock.h>

namespace saker::supervision {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::StartsWith;

service web() {
  service x;
  x.name = "web";
  x.exec = {"web", "{i}"};
  return x;
}

const std::vector<std::string> own = {
  "PATH=/opt/bin:/bin",   "HOME=/root",     "USER=root",
  "LANG=de_DE.UTF-8",     "SECRET=x",       "SAKER_LINK=3",
  "NOTIFY_SOCKET=/run/s", "no equals sign", "EMPTY=",
};

TEST(launch_test, hands_on_what_the_default_names_and_nothing_else) {
  auto spec = to_spec(web(), 0, own);
  EXPECT_THAT(spec.env, ElementsAre("HOME=/root", "LANG=de_DE.UTF-8",
                                    "PATH=/opt/bin:/bin", "USER=root"));
  EXPECT_TRUE(spec.user_env); // LOGNAME and SHELL are still missing
}

TEST(launch_test, leaves_home_and_user_of_another_user_to_the_child) {
  auto x = web();
  x.user = "www-data";
  auto spec = to_spec(x, 0, own);
  EXPECT_THAT(spec.env, ElementsAre("LANG=de_DE.UTF-8", "PATH=/opt/bin:/bin"));
  EXPECT_TRUE(spec.user_env);
  EXPECT_EQ(spec.user, "www-data");
}

TEST(launch_test, own_variables_of_the_service_win) {
  auto x = web();
  x.env = {{"PATH", "/x"}, {"PORT", "800{i}"}, {"HOME", "/srv"}};
  auto spec = to_spec(x, 4, own);
  EXPECT_THAT(spec.env, ElementsAre("HOME=/srv", "LANG=de_DE.UTF-8", "PATH=/x",
                                    "PORT=8004", "USER=root"));
  EXPECT_THAT(spec.argv, ElementsAre("web", "4"));
}

TEST(launch_test, path_has_a_default) {
  auto spec = to_spec(web(), 0, {});
  EXPECT_THAT(spec.env, ElementsAre("PATH=/usr/local/sbin:/usr/local/bin:"
                                    "/usr/sbin:/usr/bin:/sbin:/bin"));
}

TEST(launch_test, inherits_nothing_when_told_so) {
  auto x = web();
  x.inherit_env = {false, {}};
  x.env = {{"A", "1"}};
  auto spec = to_spec(x, 0, own);
  EXPECT_THAT(spec.env, ElementsAre("A=1"));
  EXPECT_FALSE(spec.user_env);
}

TEST(launch_test, inherits_all_but_what_is_meant_for_saker) {
  auto x = web();
  x.inherit_env = {true, {}};
  auto spec = to_spec(x, 0, own);
  EXPECT_THAT(spec.env, Contains("SECRET=x"));
  EXPECT_THAT(spec.env, Contains("EMPTY="));
  EXPECT_THAT(spec.env, Not(Contains(StartsWith("SAKER_"))));
  EXPECT_THAT(spec.env, Not(Contains(StartsWith("NOTIFY_"))));
}

TEST(launch_test, carries_the_rest_of_the_definition) {
  auto x = web();
  x.dir = "/srv";
  x.user = "u";
  x.groups = {"front"}; // of services: no concern of the child
  x.supplementary_groups = {"g", "h"};
  x.umask = 077;
  x.pidfile = "/run/web-{i}.pid";
  auto spec = to_spec(x, 1, own);
  EXPECT_EQ(spec.dir, "/srv");
  EXPECT_EQ(spec.user, "u");
  EXPECT_EQ(spec.groups, x.supplementary_groups);
  EXPECT_EQ(spec.umask, 077u);
  EXPECT_EQ(spec.pidfile, "/run/web-1.pid");
}

TEST(launch_test, env_files_win_over_env_and_are_taken_as_they_are) {
  auto x = web();
  x.env = {{"A", "{i}"}, {"B", "env"}};
  x.file_env = {{"B", "{i}"}, {"C", "file"}};
  x.inherit_env = {false, {}};
  EXPECT_THAT(to_spec(x, 3, own).env, ElementsAre("A=3", "B={i}", "C=file"));
}

TEST(launch_test, carries_what_the_kernel_is_told) {
  auto x = web();
  x.limits = {{RLIMIT_NOFILE, 10, 20}};
  x.nice = 5;
  x.oom = -5;
  x.cpus = {0, 2};
  x.no_new_privs = true;
  x.input = "/srv/{i}";
  auto spec = to_spec(x, 1, own);
  EXPECT_EQ(spec.limits, x.limits);
  EXPECT_EQ(spec.nice, 5);
  EXPECT_EQ(spec.oom, -5);
  EXPECT_EQ(spec.cpus, x.cpus);
  EXPECT_TRUE(spec.no_new_privs);
  EXPECT_EQ(spec.input, "/srv/1");
}

TEST(launch_test, the_stop_command_runs_like_the_service_but_holds_no_pidfile) {
  auto x = web();
  x.user = "u";
  x.pidfile = "/run/web.pid";
  EXPECT_TRUE(to_stop_spec(x, 0, 7, own).argv.empty());
  x.stop = command_ladder({"webctl", "stop", "{i}"});
  auto spec = to_stop_spec(x, 1, 4107, own);
  EXPECT_THAT(spec.argv, ElementsAre("webctl", "stop", "1"));
  EXPECT_EQ(spec.user, "u");
  EXPECT_EQ(spec.pidfile, "");
  EXPECT_THAT(spec.env, Contains("MAINPID=4107"));
}

TEST(launch_test, so_does_the_reload_command) {
  auto x = web();
  x.user = "u";
  x.pidfile = "/run/web.pid";
  EXPECT_TRUE(to_reload_spec(x, 0, 7, own).argv.empty());
  x.reload = {{0, {"webctl", "reload", "{i}"}}};
  auto spec = to_reload_spec(x, 1, 4107, own);
  EXPECT_THAT(spec.argv, ElementsAre("webctl", "reload", "1"));
  EXPECT_EQ(spec.user, "u");
  EXPECT_EQ(spec.pidfile, "");
  EXPECT_THAT(spec.env, Contains("MAINPID=4107"));
}

} // namespace
} // namespace saker::supervision

#include "tests/lua/support/definition_reading.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using namespace test;

/// The warnings of one key of a service, without file, line and name.
std::string
warnings_of(const std::string& keys, const definition_options& options) {
  auto all = read("service \"web\" { exec = {\"web\"}, " + keys + "}", options);
  EXPECT_EQ(told(all.errors), "");
  auto text = told(all.warnings);
  auto head = std::string{"a.lua:1: service \"web\": "};
  return text.starts_with(head)
           ? text.substr(head.size(), text.size() - head.size() - 1)
           : text;
}

// -- priority ------------------------------------------------------------------

TEST(definition_child_test, nice_and_oom_are_checked_against_our_rights) {
  EXPECT_EQ(with("nice = -20, oom = -1000").nice, -20);
  EXPECT_EQ(with("oom = 500").oom, 500);
  EXPECT_EQ(with("nice = 19").oom, std::nullopt);
  EXPECT_EQ(error_of("nice = 20"),
            "nice must be a whole number from -20 to 19, not 20");
  EXPECT_EQ(error_of("oom = -1001"),
            "oom must be a whole number from -1000 to 1000, not -1001");
  definition_options options;
  options.lowest_nice = [] { return 0; };
  options.lowest_oom = [] { return -10; };
  EXPECT_EQ(with("nice = 0, oom = -10", options).oom, -10);
  EXPECT_EQ(error_of("nice = -1", options),
            "nice: -1 needs the right to raise priorities (CAP_SYS_NICE); as "
            "Saker runs now, 0 is the lowest");
  EXPECT_EQ(error_of("oom = -11", options),
            "oom: to lower the score to -11 needs CAP_SYS_RESOURCE; as Saker "
            "runs now, -10 is the lowest");
}

TEST(definition_child_test, cpus_are_a_list_or_ranges) {
  EXPECT_EQ(with("cpus = {3, 1, 3}").cpus, (std::vector<int>{1, 3}));
  EXPECT_EQ(with("cpus = \"0-2,8\"").cpus, (std::vector<int>{0, 1, 2, 8}));
  auto wrong = [](const std::string& x, const std::string& shown) {
    EXPECT_EQ(error_of("cpus = " + x),
              "cpus must be a list of numbers such as {0, 1}, or a text such "
              "as \"0-3,8\", not "
                + shown);
  };
  wrong("{}", "a table");
  wrong("\"\"", "\"\"");
  wrong("\"3-1\"", "\"3-1\"");
  wrong("{-1}", "a table");
  wrong("{1.5}", "a table");
  wrong("{4096}", "a table");
  wrong("\"0,4096\"", "\"0,4096\"");
  wrong("1", "1");
}

TEST(definition_child_test, a_cpu_that_is_not_there_is_told) {
  definition_options options;
  options.has_cpu = [](int cpu) { return cpu < 2; };
  EXPECT_EQ(warnings_of("cpus = {0, 2}", options),
            "cpus: CPU 2 is not on this machine");
  EXPECT_EQ(error_of("cpus = {2, 3}", options),
            "cpus: none of these CPUs is on this machine");
}

TEST(definition_child_test, no_new_privs_and_stdin_arrive) {
  EXPECT_TRUE(with("no_new_privs = true").no_new_privs);
  EXPECT_EQ(error_of("no_new_privs = 1"),
            "no_new_privs must be true or false, not 1");
  EXPECT_EQ(with("stdin = \"/srv/{i}\"").input, "/srv/{i}");
  EXPECT_EQ(error_of("stdin = \"x\""),
            "stdin must be a path that begins with \"/\", not \"x\"");
}

// -- what is missing on the machine --------------------------------------------

TEST(definition_child_test, a_directory_that_is_missing_is_a_warning) {
  definition_options options;
  options.is_directory = [](auto& path) { return path == "/srv"; };
  EXPECT_EQ(warnings_of("dir = \"/srv\"", options), "");
  EXPECT_EQ(warnings_of("dir = \"/srv/{i}\"", options), "");
  EXPECT_EQ(warnings_of("dir = \"/nowhere\"", options),
            "dir: there is no directory /nowhere: starts will fail until there "
            "is");
}

TEST(definition_child_test, a_program_that_is_missing_is_a_warning) {
  definition_options options;
  options.is_program = [](auto& path) { return path == "/bin/yes"; };
  options.path = "/bin";
  auto warned = [&](const std::string& exec) {
    return told(
      read("service \"web\" { exec = {\"" + exec + "\"} }", options).warnings);
  };
  EXPECT_EQ(warned("/bin/yes"), "");
  EXPECT_EQ(warned("yes"), "");
  EXPECT_EQ(warned("no"),
            "a.lua:1: service \"web\": exec: there is no program \"no\" in the "
            "PATH of the child, /bin\n");
  EXPECT_EQ(warned("/bin/{i}"), "");
  EXPECT_EQ(warned("/bin/no"),
            "a.lua:1: service \"web\": exec: there is no program /bin/no, or "
            "it may not be run\n");
}

TEST(definition_child_test, programs_are_looked_for_where_the_child_does) {
  definition_options options;
  options.is_program = [](auto& path) {
    return path == "/srv/tool" || path == "/opt/tool";
  };
  EXPECT_EQ(
    warnings_of("dir = \"/srv\", stop = {\"./tool\"}", options).find("stop"),
    std::string::npos);
  EXPECT_NE(warnings_of("stop = {\"./tool\"}", options)
              .find("stop: there is no program /tool, or it may not be run"),
            std::string::npos);
  EXPECT_EQ(warnings_of("env = {PATH = \"/opt\"}, stop = {\"tool\"}", options)
              .find("stop"),
            std::string::npos);
}

TEST(definition_child_test, hooks_are_no_order_of_services) {
  definition_options options;
  options.is_program = [](auto& path) {
    return path == "/bin/web" || path == "/bin/db";
  };
  options.path = "/bin";
  auto told_of = [&](const std::string& hook) {
    return told(
      read("service \"db\" { exec = {\"db\"} }\nservice \"web\" { exec "
           "= {\"web\"},\n  "
             + hook + " }",
           options)
        .warnings);
  };
  EXPECT_EQ(told_of("after = {\"cache\"}"),
            "a.lua:3: service \"web\": after: there is no program \"cache\"; "
            "after is a command run after each end, not an order of services "
            "(needs, not available yet)\n");
  EXPECT_EQ(
    told_of("before = \"db\""),
    "a.lua:2: service \"web\": before: \"db\" is a service; before is a "
    "command run before each start, not an order of services (needs, "
    "not available yet)\n");
  EXPECT_EQ(told_of("before = {\"db\", \"--check\"}"), "");
  options.is_program = [](auto& path) { return path == "/bin/web"; };
  auto text = told_of("after = {\"db\"}");
  EXPECT_EQ(text.find("is a service"), std::string::npos) << text;
  EXPECT_NE(text.find("after: there is no program \"db\"; "),
            std::string::npos);
}

TEST(definition_child_test, words_of_other_supervisors_are_explained) {
  for (auto key : {"requires", "depends_on", "wants", "depends"})
    EXPECT_EQ(error_of(std::string{key} + " = {\"db\"}"),
              "there is no key \"" + std::string{key}
                + "\"; what a service needs will be said by needs, which is "
                  "not available yet");
}

TEST(definition_child_test, near_names_of_users_and_groups_are_told) {
  definition_options options;
  options.user_exists = options.group_exists = [](auto) { return false; };
  options.users = [] { return std::vector<std::string>{"root", "www-data"}; };
  options.groups = [] { return std::vector<std::string>{"staff"}; };
  EXPECT_EQ(warnings_of("user = \"www-date\"", options),
            "there is no user \"www-date\" on this machine (did you mean "
            "\"www-data\"?)");
  EXPECT_EQ(warnings_of("supplementary_groups = {\"stuff\"}", options),
            "there is no group \"stuff\" on this machine (did you mean "
            "\"staff\"?)");
}

// -- max_age -------------------------------------------------------------------

TEST(definition_child_test, max_age_has_a_jitter) {
  EXPECT_EQ(with("max_age = \"24h\"").max_age, (supervision::aging{24h, 0.1}));
  EXPECT_EQ(with("max_age = {\"1h\", jitter = 0}").max_age,
            (supervision::aging{1h, 0}));
  EXPECT_EQ(with("max_age = false").max_age, supervision::aging{});
  EXPECT_EQ(error_of("max_age = \"1ms\""),
            "max_age must be 1s to 3650d, not \"1ms\"");
  EXPECT_EQ(error_of("max_age = true"),
            "max_age must be a duration such as \"10s\", not true");
  EXPECT_EQ(error_of("max_age = {\"1h\", jiter = 0}"),
            "max_age: there is no key \"jiter\" (did you mean \"jitter\"?)");
  EXPECT_EQ(error_of("max_age = {\"1h\", jitter = 2}"),
            "max_age.jitter must be a number from 0 to 1, not 2");
}

TEST(definition_child_test, a_pidfile_that_others_may_write_is_told) {
  std::vector<std::string> asked;
  definition_options options;
  options.safe_pidfile = [&](const std::string& path,
                             const std::string& user) -> result<void> {
    asked.push_back(path + " of " + user);
    if (path.starts_with("/none"))
      return fail(errc::not_found, "there is no directory /none");
    if (path.starts_with("/open"))
      return fail(errc::not_permitted, "directory /open may be written by "
                                       "everybody; type: chmod o-w /open");
    return {};
  };
  auto warnings_of = [&](const std::string& keys) {
    auto all = read("service \"a\" { exec = {\"x\"},\n" + keys + " }", options);
    EXPECT_TRUE(all.errors.empty()) << told(all.errors);
    return told(all.warnings);
  };
  EXPECT_EQ(warnings_of("pidfile = \"/run/a-{i}.pid\""), "");
  EXPECT_EQ(warnings_of("daemon = {pidfile = \"/run/a\"}, user = \"me\""), "");
  EXPECT_EQ(asked,
            (std::vector<std::string>{"/run/a-0.pid of ", "/run/a of me"}));
  EXPECT_EQ(
    warnings_of("pidfile = \"/open/a\""),
    "a.lua:2: service \"a\": pidfile: directory /open may be written by "
    "everybody; type: chmod o-w /open\n");
  EXPECT_EQ(warnings_of("daemon = {pidfile = \"/open/a\"}"),
            "a.lua:2: service \"a\": daemon.pidfile: directory /open may be "
            "written by everybody; type: chmod o-w /open; until then what it "
            "names is only taken if this service started it\n");
  EXPECT_EQ(warnings_of("daemon = {pidfile = \"/none/a\"}"),
            "a.lua:2: service \"a\": daemon.pidfile: there is no directory "
            "/none\n");
  // What it names now was started by Saker itself.
  options.names_child = [](const std::string& path) {
    return path != "/open/b";
  };
  EXPECT_EQ(warnings_of("daemon = {pidfile = \"/open/a\"}"), "");
  EXPECT_NE(warnings_of("daemon = {pidfile = \"/open/b\"}"), "");
  EXPECT_NE(warnings_of("daemon = {pidfile = \"/none/a\"}"), "");
  EXPECT_NE(warnings_of("pidfile = \"/open/a\""), "");
}

} // namespace
} // namespace saker::lua

#include "tests/config/loading.hpp"

namespace saker::config {
namespace {

using test::complaint;
using test::loaded;
using test::with;

// -- wrong keys ------------------------------------------------------------------

TEST(load_test, names_the_line_of_an_unknown_key_and_near_ones) {
  EXPECT_EQ(complaint("node = \"a\"\nmax-cleints = 1\n"),
            "2: max-cleints: unknown key (did you mean \"max-clients\"?)");
  EXPECT_EQ(complaint("[limits]\n\nbulc = \"1mb\"\n"),
            "3: limits.bulc: unknown key (did you mean \"bulk\"?)");
  EXPECT_EQ(complaint("quite-another-thing = 1\n"),
            "1: quite-another-thing: unknown key");
}

TEST(load_test, names_the_line_of_an_unknown_section) {
  EXPECT_EQ(complaint("[limit]\nbulk = \"1mb\"\n"),
            "1: limit: unknown key (did you mean \"limits\"?)");
}

TEST(load_test, knows_a_key_that_stands_in_the_wrong_section) {
  EXPECT_EQ(complaint("level = \"debug\"\n"),
            "1: level: unknown key (did you mean \"log.level\"?)");
  EXPECT_EQ(complaint("[log]\nmax-clients = 3\n"),
            "2: log.max-clients: unknown key of [log]; keys without a section "
            "stand above the first [section]");
}

TEST(load_test, refuses_words_of_later_versions_by_name) {
  EXPECT_EQ(
    complaint("[web]\nlisten = \"\"\nhosts = []\n"),
    "2: web.listen: not available yet\n3: web.hosts: not available yet");
  EXPECT_EQ(complaint("[web]\n"), "1: web: not available yet");
  EXPECT_EQ(complaint("web = true\n"), "1: web: not available yet");
  EXPECT_EQ(complaint("[cluster]\nhartbeat = \"1s\"\n"),
            "2: cluster.hartbeat: unknown key (did you mean \"heartbeat\"?)");
  EXPECT_EQ(complaint("[limits]\npubsub-overflow = \"skip\"\n"),
            "2: limits.pubsub-overflow: \"skip\" is not available yet");
}

TEST(load_test, tells_all_errors_in_the_order_of_the_file) {
  EXPECT_EQ(complaint("socket-mode = \"9\"\n"
                      "max-clients = 0\n"
                      "[log]\n"
                      "level = \"inof\"\n"
                      "[limits]\n"
                      "bulk = true\n"
                      "[journal]\n"
                      "keep = \"some\"\n"),
            "1: socket-mode: must be octal, from \"0000\" to \"0777\", not "
            "\"9\"\n"
            "2: max-clients: must be from 1 to 1000000, not 0\n"
            "4: log.level: \"inof\" is not one of trace, debug, info, warn, "
            "error (did you mean \"info\"?)\n"
            "6: limits.bulk: must be a size such as \"64mb\", not true or "
            "false\n"
            "8: journal.keep: must be a number of events and a time, as in "
            "\"100000 events, 30 days\"");
}

TEST(load_test, names_the_line_of_what_is_not_toml) {
  auto x = load(with("node = \"a\"\nlisten = [\n"));
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().code, errc::syntax);
  EXPECT_TRUE(x.error().detail.starts_with("/etc/saker/saker.toml:"))
    << x.error().detail;
  EXPECT_NE(x.error().detail.find(": not TOML: "), std::string::npos);
}

TEST(load_test, refuses_a_key_that_stands_there_twice) {
  EXPECT_NE(complaint("node = \"a\"\nnode = \"b\"\n").find("2: not TOML"),
            std::string::npos);
}

// -- wrong values ----------------------------------------------------------------

TEST(load_test, checks_types) {
  EXPECT_EQ(complaint("node = 5"), "1: node: must be text, not a whole number");
  EXPECT_EQ(complaint("max-clients = \"5\""),
            "1: max-clients: must be a whole number, not text");
  EXPECT_EQ(complaint("max-clients = 1.5"),
            "1: max-clients: must be a whole number, not a fraction");
  EXPECT_EQ(complaint("listen = \"127.0.0.1:1\""),
            "1: listen: must be a list of texts, as in [\"a\", \"b\"], not "
            "text");
  EXPECT_EQ(complaint("listen = [1]"),
            "1: listen: must be a list of texts, but holds a whole number");
  EXPECT_EQ(complaint("limits = 1"),
            "1: limits: must be a section, as in [limits]");
  EXPECT_EQ(complaint("users = 1"),
            "1: users: must be sections, as in [users.NAME]");
  EXPECT_EQ(complaint("[users]\ndefault = 1"),
            "2: users.default: must be a section, as in [users.default]");
  EXPECT_EQ(complaint("[scripts]\nwatch = \"yes\""),
            "2: scripts.watch: must be true or false, not text");
  EXPECT_EQ(complaint("[scripts]\ninterval = 5"),
            "2: scripts.interval: must be a duration such as \"5s\", not a "
            "whole number");
  EXPECT_EQ(complaint("node = [\"a\"]"), "1: node: must be text, not a list");
  EXPECT_EQ(complaint("[node]\n"), "1: node: must be text, not a section");
  EXPECT_EQ(complaint("node = 1979-05-27"),
            "1: node: must be text, not a date or time");
  EXPECT_EQ(complaint("socket-mode = 0o660"),
            "1: socket-mode: must be text in octal, such as \"0660\", not a "
            "whole number");
}

TEST(load_test, checks_ranges) {
  EXPECT_EQ(complaint("max-clients = 1000001"),
            "1: max-clients: must be from 1 to 1000000, not 1000001");
  EXPECT_EQ(complaint("max-clients = -1"),
            "1: max-clients: must be from 1 to 1000000, not -1");
  EXPECT_EQ(complaint("[limits]\nbulk = \"1b\""),
            "2: limits.bulk: must be from 1kb to 4gb, not \"1b\"");
  EXPECT_EQ(complaint("[scripts]\ntime = \"0\""),
            "2: scripts.time: must be from 1ms to 1h, not \"0\"");
  EXPECT_EQ(complaint("[scripts]\nthreads = 0"),
            "2: scripts.threads: must be from 1 to 256, not 0");
  EXPECT_EQ(complaint("socket-mode = \"1777\""),
            "1: socket-mode: must be octal, from \"0000\" to \"0777\", not "
            "\"1777\"");
}

TEST(load_test, explains_durations_and_sizes) {
  EXPECT_EQ(complaint("[scripts]\ninterval = \"5\""),
            "2: scripts.interval: \"5\" is not a duration: a unit is missing; "
            "write for example \"200ms\", \"10s\", \"5m\", \"2h\"");
  EXPECT_EQ(complaint("[limits]\nbulk = \"64 apples\""),
            "2: limits.bulk: \"64 apples\" is not a size; write for example "
            "\"512\", \"64kb\", \"64mb\", \"1gb\"");
}

TEST(load_test, refuses_output_limits_without_three_parts) {
  for (auto text :
       {"", "32mb", "32mb 8mb", "32mb 8mb 60", "a b c", "1 2 3s 4s"})
    EXPECT_EQ(
      complaint(std::string{"[limits.output]\npubsub = \""} + text + "\""),
      "2: limits.output.pubsub: must be \"0\" or hard limit, soft "
      "limit and time, as in \"32mb 8mb 60s\"")
      << text;
}

TEST(load_test, refuses_names_that_masks_could_not_tell_apart) {
  for (auto name : {"a b", "-a", "a*", "a:b", "a@b"})
    EXPECT_EQ(complaint(std::string{"node = \""} + name + '"'),
              "1: node: a node is named with 1 to 63 letters, digits and "
              "\"_.-\", a letter or digit first")
      << name;
}

TEST(load_test, wants_absolute_directories) {
  EXPECT_EQ(complaint("state-dir = \"s\""),
            "1: state-dir: must be an absolute path");
  EXPECT_EQ(complaint("runtime-dir = \"\""),
            "1: runtime-dir: must be an absolute path");
  EXPECT_EQ(complaint("[scripts]\ndir = \"\""),
            "2: scripts.dir: must not be empty");
}

TEST(load_test, refuses_a_group_that_is_not_there) {
  EXPECT_EQ(complaint("socket-group = \"no-such-group\""),
            "1: socket-group: there is no group \"no-such-group\"");
  EXPECT_EQ(loaded("socket-group = \"root\"").socket_gid, 0u);
  EXPECT_EQ(loaded("socket-group = \"4711\"").socket_gid, 4711u);
}

} // namespace
} // namespace saker::config

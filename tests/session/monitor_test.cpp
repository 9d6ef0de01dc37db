// MONITOR: what is shown, to whom, in the words of redis-server 7.0.15.
#include "session/shown_command.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace saker::session {
namespace {

using test::world;

/// A client while somebody monitors. What is shown waits as effects.
class monitor_test : public ::testing::Test {
protected:
  static settings
  config(bool monitored, settings x = test::default_settings()) {
    x.monitored = std::make_shared<std::atomic<bool>>(monitored);
    return x;
  }

  /// The lines that these commands show.
  static std::string shown(std::string_view input, settings from) {
    world x{std::move(from)};
    x.answers = false;
    x.feed(input);
    std::string lines;
    for (auto& what : x.waiting)
      if (auto* seen = std::get_if<observed>(&what))
        lines += seen->lines;
    return lines;
  }

  static std::string shown(std::string_view input) {
    return shown(input, config(true));
  }

  static std::string line(std::string_view words) {
    return "+1700000000.000000 [0 127.0.0.1:4711] " + std::string{words}
           + "\r\n";
  }
};

TEST_F(monitor_test, shows_commands_as_redis_does) {
  EXPECT_EQ(
    shown("PING\r\necho 'a b'\r\nSELECT 3\r\nPING \"\\x00\\xff\\\"\\\\\"\r\n"),
    line("\"PING\"") + line("\"echo\" \"a b\"")
      + "+1700000000.000000 [3 127.0.0.1:4711] \"SELECT\" \"3\"\r\n"
        "+1700000000.000000 [3 127.0.0.1:4711] \"PING\" "
        "\"\\x00\\xff\\\"\\\\\"\r\n");
}

TEST_F(monitor_test, escapes_what_would_end_a_line) {
  std::string text;
  append_quoted(text, "\r\n\t\a\b\x1b\x7f");
  EXPECT_EQ(text, "\"\\r\\n\\t\\a\\b\\x1b\\x7f\"");
}

TEST_F(monitor_test, escapes_each_byte_that_is_no_printable_ascii) {
  for (auto i = 0; i < 256; ++i) {
    auto c = static_cast<char>(i);
    if ((c >= ' ' && c <= '~') || (c >= '\a' && c <= '\r'))
      continue;
    char expected[8];
    std::snprintf(expected, sizeof(expected), "\"\\x%02x\"",
                  static_cast<unsigned>(i));
    std::string text;
    append_quoted(text, std::string{c});
    EXPECT_EQ(text, expected);
  }
}

TEST_F(monitor_test, shows_nothing_that_was_refused) {
  EXPECT_EQ(shown("NOSUCH\r\nECHO\r\nCLIENT FOO\r\nPUBLISH saker:x y\r\n"), "");
}

TEST_F(monitor_test, shows_no_commands_of_administration) {
  EXPECT_EQ(shown("CONFIG GET save\r\nCLIENT LIST\r\nSVRUN a b\r\nLOAD x\r\n"
                  "MONITOR\r\n"),
            "");
}

TEST_F(monitor_test, shows_no_passwords) {
  EXPECT_EQ(shown("AUTH default secret\r\nAUTH secret\r\n"
                  "HELLO 2 AUTH default secret SETNAME auth\r\n"
                  "hello 2 setname auth auth default secret\r\n"),
            line("\"AUTH\" \"(redacted)\" \"(redacted)\"")
              + line("\"AUTH\" \"(redacted)\"")
              + line("\"HELLO\" \"2\" \"AUTH\" \"(redacted)\" \"(redacted)\" "
                     "\"SETNAME\" \"auth\"")
              + line("\"hello\" \"2\" \"setname\" \"auth\" \"auth\" "
                     "\"(redacted)\" \"(redacted)\""));
}

TEST_F(monitor_test, hides_what_later_commands_may_tell) {
  const std::vector<std::string_view> config_set{
    "CONFIG", "SET", "maxclients", "10", "RequirePass", "secret"};
  resp::command_info set{};
  set.name = "config|set";
  EXPECT_EQ(without_passwords(&set, config_set).back(), redacted);
  EXPECT_EQ(without_passwords(&set, config_set)[3], "10");
  const std::vector<std::string_view> setuser{"ACL", "SETUSER", "bob", ">x"};
  set.name = "acl|setuser";
  EXPECT_EQ(without_passwords(&set, setuser)[1], "SETUSER");
  EXPECT_EQ(without_passwords(&set, setuser)[2], redacted);
  EXPECT_EQ(without_passwords(&set, setuser)[3], redacted);
}

TEST_F(monitor_test, shows_commands_of_a_transaction_when_they_run) {
  EXPECT_EQ(shown("MULTI\r\nPING\r\nECHO x\r\n"), line("\"MULTI\""));
  EXPECT_EQ(shown("MULTI\r\nPING\r\nECHO x\r\nEXEC\r\n"),
            line("\"MULTI\"") + line("\"PING\"") + line("\"ECHO\" \"x\"")
              + line("\"EXEC\""));
}

TEST_F(monitor_test, tells_where_a_command_comes_from) {
  auto lines = [](peer who, std::uint64_t id) {
    session x{id, std::move(who),
              std::make_shared<const settings>(config(true)), test::at(0)};
    x.feed("PING\r\n", test::at(0));
    return std::get<observed>(x.take_effects().at(0)).lines;
  };
  auto local = test::root_peer();
  local.via_unix = true;
  local.address = "/run/saker/saker.sock:0";
  EXPECT_EQ(lines(local, 7),
            "+1700000000.000000 [0 unix:/run/saker/saker.sock] \"PING\"\r\n");
  local.address = "unix:/run/saker/saker.sock:0"; // as the gateway tells it
  EXPECT_EQ(lines(local, 7),
            "+1700000000.000000 [0 unix:/run/saker/saker.sock] \"PING\"\r\n");
  EXPECT_EQ(lines(local, 0), "+1700000000.000000 [0 lua] \"PING\"\r\n");
}

TEST_F(monitor_test, shows_a_client_also_what_it_does_itself) {
  world x{config(true)};
  EXPECT_EQ(x.feed("MONITOR\r\nPING\r\n"),
            "+OK\r\n+PONG\r\n" + line("\"PING\""));
  EXPECT_TRUE(x.uut.monitoring());
  EXPECT_EQ(x.feed("MONITOR\r\n"), "") << "Redis does not answer it twice";
  EXPECT_EQ(x.feed("RESET\r\nPING\r\n"), "+RESET\r\n+PONG\r\n");
  EXPECT_FALSE(x.uut.monitoring());
}

TEST_F(monitor_test, keeps_who_monitors_from_data_and_messages) {
  constexpr std::string_view refused
    = "-ERR Replica can't interact with the keyspace\r\n";
  for (auto command : {"PUBLISH a b", "SPUBLISH a b", "DBSIZE", "FLUSHALL"}) {
    world x{config(false)};
    x.feed("MONITOR\r\n");
    EXPECT_EQ(x.feed(std::string{command} + "\r\n"), refused) << command;
  }
  world x{config(false)};
  EXPECT_EQ(x.feed("MONITOR\r\nECHO x\r\nSVSTATUS\r\n"),
            "+OK\r\n$1\r\nx\r\n$8\r\nSVSTATUS\r\n");
}

TEST_F(monitor_test, does_not_begin_within_a_transaction) {
  world x{config(false)};
  EXPECT_EQ(x.feed("MULTI\r\nMONITOR\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n*1\r\n-ERR MONITOR isn't allowed for DENY "
            "BLOCKING client\r\n");
  EXPECT_FALSE(x.uut.monitoring());
}

TEST_F(monitor_test, is_for_admins) {
  world x{config(false), test::stranger_peer()};
  EXPECT_TRUE(x.feed("MONITOR\r\n").starts_with("-NOPERM "));
  EXPECT_FALSE(x.uut.monitoring());
}

TEST_F(monitor_test, is_told_in_client_list) {
  world x{config(false)};
  x.feed("MONITOR\r\n");
  EXPECT_NE(to_line(x.uut.figures(test::at(0))).find(" flags=O "),
            std::string::npos);
}

} // namespace
} // namespace saker::session

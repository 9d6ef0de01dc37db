// What is true of a Redis without keys, copies and disk, word for word.
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

std::string reply(std::string_view command, bool resp3 = false) {
  auto config = test::default_settings();
  config.started = test::at(0).wall;
  test::world x{std::move(config)};
  if (resp3)
    x.feed("HELLO 3\r\n");
  return x.feed(std::string{command} + "\r\n");
}

TEST(server_replies_test, is_a_master_without_replicas) {
  EXPECT_EQ(reply("ROLE"), "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n");
  for (auto command : {"WAIT 0 0", "WAIT 1 10", "WAIT 3 0", "WAIT -1 0"})
    EXPECT_EQ(reply(command), ":0\r\n") << command;
  EXPECT_EQ(reply("WAIT x 0"),
            "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(reply("WAIT 0 x"),
            "-ERR timeout is not an integer or out of range\r\n");
  EXPECT_EQ(reply("WAIT 0 -1"), "-ERR timeout is negative\r\n");
}

TEST(server_replies_test, saved_last_when_it_started) {
  EXPECT_EQ(reply("LASTSAVE"), ":1700000000\r\n");
}

TEST(server_replies_test, is_no_cluster_and_has_no_modules_and_functions) {
  for (auto command : {"READONLY", "READWRITE", "ASKING"})
    EXPECT_EQ(reply(command),
              "-ERR This instance has cluster support disabled\r\n");
  EXPECT_EQ(reply("MODULE LIST"), "*0\r\n");
  EXPECT_EQ(reply("FUNCTION LIST LIBRARYNAME a WITHCODE"), "*0\r\n");
  EXPECT_EQ(reply("FUNCTION LIST x"), "-ERR Unknown argument x\r\n");
  EXPECT_EQ(reply("FUNCTION LIST LIBRARYNAME"),
            "-ERR library name argument was not given\r\n");
  EXPECT_EQ(reply("FUNCTION STATS", true),
            "%2\r\n$14\r\nrunning_script\r\n_\r\n$7\r\nengines\r\n%1\r\n$3\r\n"
            "LUA\r\n%2\r\n$15\r\nlibraries_count\r\n:0\r\n$15\r\n"
            "functions_count\r\n:0\r\n");
}

TEST(server_replies_test, swaps_databases_that_exist) {
  EXPECT_EQ(reply("SWAPDB 0 15"), "+OK\r\n");
  EXPECT_EQ(reply("SWAPDB 0 16"), "-ERR DB index is out of range\r\n");
  EXPECT_EQ(reply("SWAPDB a 16"), "-ERR invalid first DB index\r\n");
  EXPECT_EQ(reply("SWAPDB 0 b"), "-ERR invalid second DB index\r\n");
}

TEST(server_replies_test, has_no_keys_to_look_at) {
  for (auto command :
       {"OBJECT ENCODING k", "OBJECT FREQ k", "MEMORY USAGE k",
        "OBJECT IDLETIME k", "OBJECT REFCOUNT k", "MEMORY USAGE k SAMPLES 5"}) {
    EXPECT_EQ(reply(command), "$-1\r\n") << command;
    EXPECT_EQ(reply(command, true), "_\r\n") << command;
  }
  EXPECT_EQ(reply("MEMORY USAGE k SAMPLES x"),
            "-ERR value is not an integer or out of range\r\n");
  for (auto command : {"MEMORY USAGE k FOO 5", "MEMORY USAGE k SAMPLES"})
    EXPECT_EQ(reply(command), "-ERR syntax error\r\n") << command;
  EXPECT_EQ(reply("OBJECT FOO k"),
            "-ERR unknown subcommand 'FOO'. Try OBJECT HELP.\r\n");
}

TEST(server_replies_test, records_no_latencies_of_events) {
  EXPECT_EQ(reply("LATENCY GRAPH command"),
            "-ERR No samples available for event 'command'\r\n");
  EXPECT_TRUE(reply("LATENCY DOCTOR", true).starts_with("="));
}

TEST(server_replies_test, tells_its_version_to_who_asks_for_art) {
  EXPECT_EQ(reply("LOLWUT"), "$18\r\nRedis ver. 7.0.15\n\r\n");
  EXPECT_EQ(reply("LOLWUT VERSION 5 1 2", true),
            "=22\r\ntxt:Redis ver. 7.0.15\n\r\n");
}

TEST(server_replies_test, answers_each_once_within_a_transaction) {
  test::world x;
  EXPECT_EQ(
    x.feed("MULTI\r\nROLE\r\nSWAPDB 0 1\r\nWAIT 0 0\r\nEXEC\r\n").substr(32),
    "*3\r\n*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n+OK\r\n:0\r\n");
  EXPECT_EQ(x.uut.figures(x.now).open_commands, 0u);
}

} // namespace
} // namespace saker::session

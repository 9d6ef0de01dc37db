#include "tests/session/golden.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using namespace test::golden;

// -- subscriptions, B.1 --------------------------------------------------------

TEST(golden_test, confirms_each_argument_duplicates_included) {
  EXPECT_EQ(from_root("SUBSCRIBE a b a\r\n"),
            frame('*', "subscribe", "a", 1) + frame('*', "subscribe", "b", 2)
              + frame('*', "subscribe", "a", 2));
  EXPECT_EQ(from_root("HELLO 3\r\nSUBSCRIBE a b a\r\n"),
            std::string{hello3} + frame('>', "subscribe", "a", 1)
              + frame('>', "subscribe", "b", 2)
              + frame('>', "subscribe", "a", 2));
}

TEST(golden_test, counts_channels_and_patterns_together) {
  EXPECT_EQ(from_root("SUBSCRIBE a\r\nPSUBSCRIBE p*\r\nUNSUBSCRIBE zzz\r\n"),
            frame('*', "subscribe", "a", 1) + frame('*', "psubscribe", "p*", 2)
              + frame('*', "unsubscribe", "zzz", 2));
}

TEST(golden_test, leaves_all_or_says_that_there_was_none) {
  EXPECT_EQ(from_root("SUBSCRIBE a\r\nPSUBSCRIBE p*\r\nUNSUBSCRIBE\r\n"
                      "UNSUBSCRIBE\r\nPUNSUBSCRIBE\r\nPUNSUBSCRIBE\r\n"),
            frame('*', "subscribe", "a", 1) + frame('*', "psubscribe", "p*", 2)
              + frame('*', "unsubscribe", "a", 1)
              + frame('*', "unsubscribe", nullptr, 1)
              + frame('*', "punsubscribe", "p*", 0)
              + frame('*', "punsubscribe", nullptr, 0));
  EXPECT_EQ(from_root("HELLO 3\r\nUNSUBSCRIBE\r\nPUNSUBSCRIBE\r\n"),
            std::string{hello3} + frame('>', "unsubscribe", nullptr, 0)
              + frame('>', "punsubscribe", nullptr, 0));
}

TEST(golden_test, takes_any_bytes_as_a_channel) {
  EXPECT_EQ(from_root("*3\r\n$9\r\nsubscribe\r\n$0\r\n\r\n$2\r\n\r\n\r\n"),
            "*3\r\n$9\r\nsubscribe\r\n$0\r\n\r\n:1\r\n"
            "*3\r\n$9\r\nsubscribe\r\n$2\r\n\r\n\r\n:2\r\n");
}

TEST(golden_test, counts_receivers) {
  EXPECT_EQ(from_root("PUBLISH nobody x\r\n"), ":0\r\n");
  EXPECT_EQ(from_root("HELLO 3\r\nSUBSCRIBE a\r\nPSUBSCRIBE a* *\r\n"
                      "PUBLISH b m\r\n")
              .substr(0, hello3.size()),
            hello3);
}

TEST(golden_test, names_commands_in_lower_case_in_arity_errors) {
  EXPECT_EQ(from_root("SUBSCRIBE\r\nPUBSUB NUMPAT x\r\nPUBSUB\r\n"
                      "Client SetName\r\nPING a b\r\nAUTH\r\nTIME x\r\n"),
            "-ERR wrong number of arguments for 'subscribe' command\r\n"
            "-ERR wrong number of arguments for 'pubsub|numpat' command\r\n"
            "-ERR wrong number of arguments for 'pubsub' command\r\n"
            "-ERR wrong number of arguments for 'client|setname' command\r\n"
            "-ERR wrong number of arguments for 'ping' command\r\n"
            "-ERR wrong number of arguments for 'auth' command\r\n"
            "-ERR wrong number of arguments for 'time' command\r\n");
}

// -- the subscribed state, B.2 -------------------------------------------------

TEST(golden_test, allows_little_in_the_subscribed_state_of_resp2) {
  EXPECT_EQ(from_root("SUBSCRIBE a\r\nECHO x\r\nCLIENT ID\r\nHELLO 3\r\n"
                      "PUBLISH a x\r\nPING\r\nUNSUBSCRIBE a\r\nECHO x\r\n"),
            frame('*', "subscribe", "a", 1) + "-ERR Can't execute 'echo"
              + std::string{in_context} + "-ERR Can't execute 'client|id"
              + std::string{in_context} + "-ERR Can't execute 'hello"
              + std::string{in_context} + "-ERR Can't execute 'publish"
              + std::string{in_context} + "*2\r\n$4\r\npong\r\n$0\r\n\r\n"
              + frame('*', "unsubscribe", "a", 0) + "$1\r\nx\r\n");
}

TEST(golden_test, answers_ping_as_the_state_demands) {
  EXPECT_EQ(from_root("PING\r\nPING hi\r\nPSUBSCRIBE p\r\nPING\r\nPING hi\r\n"
                      "PING a b\r\n"),
            "+PONG\r\n$2\r\nhi\r\n" + frame('*', "psubscribe", "p", 1)
              + "*2\r\n$4\r\npong\r\n$0\r\n\r\n*2\r\n$4\r\npong\r\n$2\r\nhi\r\n"
                "-ERR wrong number of arguments for 'ping' command\r\n");
  EXPECT_EQ(from_root("HELLO 3\r\nSUBSCRIBE a\r\nPING\r\nPING x\r\n"),
            std::string{hello3} + frame('>', "subscribe", "a", 1)
              + "+PONG\r\n$1\r\nx\r\n");
}

TEST(golden_test, allows_everything_while_subscribed_in_resp3) {
  EXPECT_EQ(from_root("HELLO 3\r\nPSUBSCRIBE q\r\nECHO x\r\nPUBLISH b m\r\n"
                      "HELLO 2\r\nPING\r\nECHO x\r\nPUNSUBSCRIBE\r\n"),
            std::string{hello3} + frame('>', "psubscribe", "q", 1)
              + "$1\r\nx\r\n:0\r\n" + std::string{hello2}
              + "*2\r\n$4\r\npong\r\n$0\r\n\r\n-ERR Can't execute 'echo"
              + std::string{in_context} + frame('*', "punsubscribe", "q", 0));
}

TEST(golden_test, checks_existence_and_arity_before_the_state) {
  EXPECT_EQ(from_root("SUBSCRIBE a\r\nNOSUCH\r\nECHO\r\n"),
            frame('*', "subscribe", "a", 1)
              + "-ERR unknown command 'NOSUCH', with args beginning with: \r\n"
                "-ERR wrong number of arguments for 'echo' command\r\n");
}

TEST(golden_test, resets_everything) {
  EXPECT_EQ(from_root("SUBSCRIBE a\r\nRESET\r\nECHO x\r\nHELLO 3 SETNAME n\r\n"
                      "CLIENT GETNAME\r\nRESET\r\nCLIENT GETNAME\r\n"),
            frame('*', "subscribe", "a", 1) + "+RESET\r\n$1\r\nx\r\n"
              + std::string{hello3} + "$1\r\nn\r\n+RESET\r\n$-1\r\n");
}

TEST(golden_test, quits_and_ignores_the_rest) {
  EXPECT_EQ(from_root("PING\r\nQUIT\r\nPING\r\n"), "+PONG\r\n+OK\r\n");
  test::world x;
  EXPECT_EQ(x.feed("SUBSCRIBE a\r\nQUIT now\r\n"),
            frame('*', "subscribe", "a", 1) + "+OK\r\n");
  EXPECT_TRUE(x.closed);
  EXPECT_FALSE(x.cut_off);
  EXPECT_EQ(x.feed("PING\r\n"), "");
}

TEST(golden_test, counts_shards_on_their_own) {
  EXPECT_EQ(
    from_root("SUBSCRIBE a\r\nSSUBSCRIBE a b a\r\nPSUBSCRIBE p\r\n"
              "SUNSUBSCRIBE zzz\r\nSUNSUBSCRIBE a\r\nUNSUBSCRIBE\r\n"
              "SUNSUBSCRIBE\r\nSUNSUBSCRIBE\r\n"),
    frame('*', "subscribe", "a", 1) + frame('*', "ssubscribe", "a", 1)
      + frame('*', "ssubscribe", "b", 2) + frame('*', "ssubscribe", "a", 2)
      + frame('*', "psubscribe", "p", 2) + frame('*', "sunsubscribe", "zzz", 2)
      + frame('*', "sunsubscribe", "a", 1) + frame('*', "unsubscribe", "a", 1)
      + frame('*', "sunsubscribe", "b", 0)
      + frame('*', "sunsubscribe", nullptr, 0));
}

TEST(golden_test, is_in_the_subscribed_state_with_a_shard_only) {
  EXPECT_EQ(from_root("SSUBSCRIBE a\r\nECHO x\r\nPING\r\nUNSUBSCRIBE\r\n"
                      "RESET\r\nECHO x\r\nPUBSUB SHARDCHANNELS\r\n"),
            frame('*', "ssubscribe", "a", 1) + "-ERR Can't execute 'echo"
              + std::string{in_context} + "*2\r\n$4\r\npong\r\n$0\r\n\r\n"
              + frame('*', "unsubscribe", nullptr, 0)
              + "+RESET\r\n$1\r\nx\r\n*0\r\n");
}

TEST(golden_test, publishes_to_shards_only) {
  EXPECT_EQ(from_root("HELLO 3\r\nSSUBSCRIBE a\r\nSPUBLISH b x\r\n"
                      "PUBLISH a x\r\nPUBSUB CHANNELS\r\n"
                      "PUBSUB SHARDCHANNELS\r\nPUBSUB SHARDNUMSUB a b\r\n"
                      "PUBSUB SHARDNUMSUB\r\nPUBSUB NUMSUB a\r\n"),
            std::string{hello3} + frame('>', "ssubscribe", "a", 1)
              + ":0\r\n:0\r\n*0\r\n*1\r\n$1\r\na\r\n"
                "*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:0\r\n*0\r\n"
                "*2\r\n$1\r\na\r\n:0\r\n");
  test::world x;
  EXPECT_EQ(
    x.feed("HELLO 3\r\nSSUBSCRIBE a\r\nSPUBLISH a m\r\n").substr(hello3.size()),
    frame('>', "ssubscribe", "a", 1)
      + ":1\r\n>3\r\n$8\r\nsmessage\r\n$1\r\na\r\n$1\r\nm\r\n");
}

// -- PUBSUB, B.3 ---------------------------------------------------------------

TEST(golden_test, answers_pubsub) {
  EXPECT_EQ(from_root("HELLO 3\r\nSUBSCRIBE a\r\nPSUBSCRIBE p*\r\n"
                      "PUBSUB CHANNELS\r\nPUBSUB CHANNELS b*\r\n"
                      "PUBSUB NUMSUB\r\nPUBSUB NUMSUB a b\r\n"
                      "PUBSUB NUMPAT\r\n"),
            std::string{hello3} + frame('>', "subscribe", "a", 1)
              + frame('>', "psubscribe", "p*", 2)
              + "*1\r\n$1\r\na\r\n*0\r\n*0\r\n"
                "*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:0\r\n:1\r\n");
  EXPECT_EQ(from_root("PUBSUB FOO\r\nPUBSUB CHANNELS a b\r\n"),
            "-ERR unknown subcommand 'FOO'. Try PUBSUB HELP.\r\n"
            "-ERR unknown subcommand or wrong number of arguments for "
            "'CHANNELS'. Try PUBSUB HELP.\r\n");
}

} // namespace
} // namespace saker::session

#include "tests/session/golden.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using namespace test::golden;

// -- transactions --------------------------------------------------------------

TEST(golden_test, runs_what_was_queued) {
  EXPECT_EQ(from_root("MULTI\r\nPING\r\nMULTI\r\nPING x\r\nEXEC\r\n"
                      "EXEC\r\n"),
            "+OK\r\n+QUEUED\r\n-ERR MULTI calls can not be nested\r\n"
            "+QUEUED\r\n*2\r\n+PONG\r\n$1\r\nx\r\n"
            "-ERR EXEC without MULTI\r\n");
  EXPECT_EQ(from_root("MULTI\r\nEXEC\r\n"), "+OK\r\n*0\r\n");
  EXPECT_EQ(from_root("MULTI\r\nPING\r\nDISCARD\r\nDISCARD\r\nPING\r\n"),
            "+OK\r\n+QUEUED\r\n+OK\r\n-ERR DISCARD without MULTI\r\n"
            "+PONG\r\n");
}

TEST(golden_test, takes_watch_and_never_fails_of_it) {
  EXPECT_EQ(from_root("UNWATCH\r\nWATCH\r\nWATCH a b\r\nMULTI\r\nWATCH a"
                      "\r\nUNWATCH\r\nEXEC\r\n"),
            "+OK\r\n-ERR wrong number of arguments for 'watch' command\r\n"
            "+OK\r\n+OK\r\n-ERR WATCH inside MULTI is not allowed\r\n"
            "+QUEUED\r\n*1\r\n+OK\r\n");
}

TEST(golden_test, discards_a_transaction_with_an_error_in_it) {
  constexpr std::string_view aborted
    = "-EXECABORT Transaction discarded because of previous errors.\r\n";
  for (std::string_view bad :
       {"NOSUCH", "ECHO", "CLIENT NOSUCH", "MULTI x", "SHUTDOWN"}) {
    auto out = from_root("MULTI\r\n" + std::string{bad}
                         + "\r\nPING\r\nEXEC\r\nPING\r\n");
    EXPECT_TRUE(out.starts_with("+OK\r\n-ERR ")) << out;
    EXPECT_TRUE(
      out.ends_with("\r\n+QUEUED\r\n" + std::string{aborted} + "+PONG\r\n"))
      << out;
  }
  EXPECT_EQ(from_root("MULTI\r\nSHUTDOWN\r\n"),
            "+OK\r\n-ERR Command not allowed inside a transaction\r\n");
  // An error while it runs is one of the replies.
  EXPECT_EQ(from_root("MULTI\r\nPING a b\r\nSELECT 77\r\nPING\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n"
            "-ERR wrong number of arguments for 'ping' command\r\n"
            "-ERR DB index is out of range\r\n+PONG\r\n");
}

TEST(golden_test, forgets_a_transaction_at_reset_and_quit) {
  EXPECT_EQ(from_root("MULTI\r\nPING\r\nRESET\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n+RESET\r\n-ERR EXEC without MULTI\r\n");
  EXPECT_EQ(from_root("MULTI\r\nPING\r\nQUIT\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n+OK\r\n");
}

TEST(golden_test, switches_the_protocol_within_a_transaction) {
  EXPECT_EQ(from_root("MULTI\r\nCLIENT GETNAME\r\nHELLO 3\r\n"
                      "CLIENT GETNAME\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n$-1\r\n"
              + std::string{hello3} + "_\r\n");
}

// -- CLIENT REPLY --------------------------------------------------------------

TEST(golden_test, skips_a_reply_or_all) {
  EXPECT_EQ(from_root("CLIENT REPLY SKIP\r\nPING\r\nPING a\r\n"
                      "CLIENT REPLY OFF\r\nPING b\r\nNOSUCH\r\n"
                      "CLIENT REPLY SKIP\r\nPING\r\nHELLO 3\r\n"
                      "CLIENT REPLY ON\r\nPING c\r\n"),
            "$1\r\na\r\n+OK\r\n$1\r\nc\r\n");
  EXPECT_EQ(from_root("CLIENT REPLY foo\r\nCLIENT REPLY\r\n"),
            "-ERR syntax error\r\n-ERR wrong number of arguments for "
            "'client|reply' command\r\n");
}

TEST(golden_test, closes_without_a_reply_too) {
  for (auto end : {"QUIT\r\n", "*a\r\n"}) {
    test::world x;
    EXPECT_EQ(x.feed("CLIENT REPLY OFF\r\n" + std::string{end}), "");
    EXPECT_TRUE(x.closed);
  }
}

TEST(golden_test, says_nothing_late_either) {
  auto config = test::default_settings();
  config.auth_delay = std::chrono::milliseconds{1};
  test::world x{config};
  EXPECT_EQ(x.feed("CLIENT REPLY OFF\r\nAUTH nobody x\r\nSVSTATUS\r\n"
                   "PUBLISH a x\r\nCLIENT REPLY ON\r\nPING\r\n"),
            "+OK\r\n+PONG\r\n");
}

TEST(golden_test, confirms_subscriptions_to_those_who_want_no_replies) {
  EXPECT_EQ(from_root("CLIENT REPLY OFF\r\nSUBSCRIBE a\r\nPING\r\n"
                      "UNSUBSCRIBE a\r\nPING\r\nSUBSCRIBE a\r\nRESET\r\n"
                      "PING\r\n"),
            frame('*', "subscribe", "a", 1) + frame('*', "unsubscribe", "a", 0)
              + frame('*', "subscribe", "a", 1) + "+RESET\r\n+PONG\r\n");
}

// -- what harnesses ask a server with data -------------------------------------

TEST(golden_test, says_that_there_are_no_keys) {
  EXPECT_EQ(from_root("DBSIZE\r\nFLUSHALL\r\nflushdb async\r\n"
                      "FLUSHALL SYNC\r\nFLUSHALL foo\r\nFLUSHDB ASYNC SYNC"
                      "\r\n"),
            ":0\r\n+OK\r\n+OK\r\n+OK\r\n-ERR syntax error\r\n"
            "-ERR syntax error\r\n");
  EXPECT_EQ(from_root("SCRIPT FLUSH\r\nSCRIPT FLUSH sync\r\n"
                      "SCRIPT FLUSH x\r\nSCRIPT FLUSH SYNC SYNC\r\n"
                      "SCRIPT EXISTS a b\r\n"),
            "+OK\r\n+OK\r\n-ERR SCRIPT FLUSH only support SYNC|ASYNC option"
            "\r\n-ERR SCRIPT FLUSH only support SYNC|ASYNC option\r\n"
            "*2\r\n:0\r\n:0\r\n");
  EXPECT_EQ(from_root("FUNCTION FLUSH\r\nFUNCTION FLUSH ASYNC\r\n"
                      "FUNCTION FLUSH x\r\nFUNCTION FLUSH a b\r\n"),
            "+OK\r\n+OK\r\n-ERR FUNCTION FLUSH only supports SYNC|ASYNC "
            "option\r\n-ERR unknown subcommand or wrong number of arguments "
            "for 'FLUSH'. Try FUNCTION HELP.\r\n");
  EXPECT_EQ(from_root("LATENCY LATEST\r\nLATENCY HISTORY x\r\n"
                      "LATENCY RESET\r\nLATENCY RESET a b\r\n"),
            "*0\r\n*0\r\n:0\r\n:0\r\n");
  EXPECT_EQ(from_root("CLUSTER NODES\r\n"),
            "-ERR This instance has cluster support disabled\r\n");
}

TEST(golden_test, takes_wishes_about_eviction) {
  EXPECT_EQ(from_root("CLIENT NO-EVICT on\r\nCLIENT NO-EVICT OFF\r\n"
                      "CLIENT NO-EVICT x\r\nCLIENT NO-TOUCH ON\r\n"),
            "+OK\r\n+OK\r\n-ERR syntax error\r\n+OK\r\n");
}

TEST(golden_test, tells_who_one_is) {
  EXPECT_EQ(from_root("ACL WHOAMI\r\nACL\r\nACL FOO\r\n"),
            "$7\r\ndefault\r\n-ERR wrong number of arguments for 'acl' "
            "command\r\n-ERR unknown subcommand 'FOO'. Try ACL HELP.\r\n");
  auto line = from_root("CLIENT SETNAME me\r\nHELLO 3\r\nCLIENT INFO\r\n");
  EXPECT_NE(line.find("\r\ntxt:id=7 addr=127.0.0.1:4711 "), line.npos) << line;
  EXPECT_NE(line.find(" name=me "), line.npos) << line;
  EXPECT_TRUE(line.ends_with("\n\r\n")) << line;
}

TEST(golden_test, tells_the_time_it_was_given) {
  EXPECT_EQ(from_root("TIME\r\n"), "*2\r\n$10\r\n1700000000\r\n$1\r\n0\r\n");
}

} // namespace
} // namespace saker::session

// What redis-server 7.0.15 answered to the same bytes, word for word.
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::play;

std::string from_root(std::string_view input) {
  return play(input, [] { return test::world{}; });
}

std::string with_password(std::string_view input) {
  return play(input, [] {
    auto config = test::default_settings();
    test::set_user(config, "default", {">secret"});
    return test::world{std::move(config)};
  });
}

constexpr std::string_view hello2
  = "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n"
    "$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:7\r\n$4\r\nmode\r\n$10\r\nstandalone"
    "\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n";

constexpr std::string_view hello3
  = "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n"
    "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:7\r\n$4\r\nmode\r\n$10\r\nstandalone"
    "\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n";

/// A frame of `subscribe` and the like.
std::string
frame(char type, std::string_view verb, const char* name, int count) {
  std::string out;
  out += type;
  out += "3\r\n$" + std::to_string(verb.size()) + "\r\n" + std::string{verb};
  if (name)
    out += "\r\n$" + std::to_string(std::string_view{name}.size()) + "\r\n"
           + name;
  else
    out += type == '>' ? "\r\n_" : "\r\n$-1";
  return out + "\r\n:" + std::to_string(count) + "\r\n";
}

constexpr std::string_view in_context
  = "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are "
    "allowed in this context\r\n";

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

// -- errors and limits, B.5 ----------------------------------------------------

TEST(golden_test, names_unknown_commands_as_clients_expect) {
  EXPECT_EQ(from_root("foo a b\r\nFOO\r\n\"a\\r\\nb\" \"c\\nd\"\r\n"
                      "CLIENT FOO\r\n"),
            "-ERR unknown command 'foo', with args beginning with: 'a' 'b' "
            "\r\n-ERR unknown command 'FOO', with args beginning with: \r\n"
            "-ERR unknown command 'a  b', with args beginning with: 'c d' \r\n"
            "-ERR unknown subcommand 'FOO'. Try CLIENT HELP.\r\n");
}

TEST(golden_test, shortens_what_it_quotes) {
  test::world x;
  auto name = std::string(200, 'n');
  auto word = std::string(100, 'w');
  EXPECT_EQ(x.feed(name + ' ' + word + ' ' + word + ' ' + word + "\r\n"),
            "-ERR unknown command '" + name.substr(0, 128)
              + "', with args beginning with: '" + word + "' '"
              + word.substr(0, 25) + "' \r\n");
}

TEST(golden_test, closes_after_a_protocol_error) {
  const std::pair<std::string_view, std::string_view> cases[]{
    {"*1\r\nfoo\r\n", "expected '$', got 'f'"},
    {"*a\r\n", "invalid multibulk length"},
    {"*1\r\n$-1\r\n", "invalid bulk length"},
    {"PING \"a\r\n", "unbalanced quotes in request"},
  };
  for (auto [input, text] : cases) {
    auto bytes = "PING\r\n" + std::string{input} + "PING\r\n";
    EXPECT_EQ(from_root(bytes),
              "+PONG\r\n-ERR Protocol error: " + std::string{text} + "\r\n");
    test::world x;
    x.feed(bytes);
    EXPECT_TRUE(x.closed);
    EXPECT_FALSE(x.cut_off);
  }
}

TEST(golden_test, hangs_up_on_http) {
  for (auto input : {"POST / HTTP/1.1\r\n", "host: localhost\r\nPING\r\n"}) {
    test::world x;
    EXPECT_EQ(x.feed(input), "");
    EXPECT_TRUE(x.closed);
    EXPECT_TRUE(x.cut_off);
  }
}

TEST(golden_test, selects_one_of_sixteen) {
  EXPECT_EQ(from_root("SELECT 0\r\nSELECT 15\r\nSELECT 16\r\nSELECT -1\r\n"
                      "SELECT abc\r\nSELECT 3000000000\r\n"),
            "+OK\r\n+OK\r\n-ERR DB index is out of range\r\n"
            "-ERR DB index is out of range\r\n"
            "-ERR value is not an integer or out of range\r\n"
            "-ERR value is out of range, value must between -2147483648 and "
            "2147483647\r\n");
}

TEST(golden_test, names_clients) {
  EXPECT_EQ(from_root("CLIENT GETNAME\r\nCLIENT SETNAME \"a b\"\r\n"
                      "CLIENT SETNAME nm\r\nCLIENT GETNAME\r\n"
                      "CLIENT SETNAME ''\r\nCLIENT GETNAME\r\nCLIENT ID\r\n"
                      "HELLO 3\r\nCLIENT GETNAME\r\n"),
            "$-1\r\n-ERR Client names cannot contain spaces, newlines or "
            "special characters.\r\n+OK\r\n$2\r\nnm\r\n+OK\r\n$-1\r\n:7\r\n"
              + std::string{hello3} + "_\r\n");
}

TEST(golden_test, takes_what_libraries_say_about_themselves) {
  EXPECT_EQ(from_root("CLIENT SETINFO LIB-NAME redis-py\r\n"
                      "client setinfo lib-ver 5.0\r\n"
                      "CLIENT SETINFO FOO x\r\nCLIENT SETINFO LIB-NAME 'a b'"
                      "\r\nCLIENT MAINT_NOTIFICATIONS ON\r\n"),
            "+OK\r\n+OK\r\n-ERR Unrecognized option 'FOO'\r\n"
            "-ERR lib-name cannot contain spaces, newlines or special "
            "characters.\r\n-ERR unknown subcommand 'MAINT_NOTIFICATIONS'. "
            "Try CLIENT HELP.\r\n");
}

TEST(golden_test, says_hello) {
  EXPECT_EQ(from_root("HELLO\r\n"), hello2);
  EXPECT_EQ(from_root("HELLO 3\r\nHELLO\r\nHELLO 2\r\n"),
            std::string{hello3}.append(hello3).append(hello2));
  EXPECT_EQ(from_root("HELLO 3 AUTH default any SETNAME q\r\n"
                      "CLIENT GETNAME\r\n"),
            std::string{hello3} + "$1\r\nq\r\n");
}

TEST(golden_test, refuses_hello_and_stays_as_it_was) {
  EXPECT_EQ(from_root("HELLO 1\r\nHELLO 4\r\nHELLO abc\r\nHELLO 3 FOO\r\n"
                      "HELLO 3 AUTH a\r\nHELLO 3 SETNAME\r\n"
                      "HELLO 3 SETNAME 'a b'\r\nHELLO 3 AUTH no body\r\n"
                      "CLIENT GETNAME\r\n"),
            "-NOPROTO unsupported protocol version\r\n"
            "-NOPROTO unsupported protocol version\r\n"
            "-ERR Protocol version is not an integer or out of range\r\n"
            "-ERR Syntax error in HELLO option 'FOO'\r\n"
            "-ERR Syntax error in HELLO option 'AUTH'\r\n"
            "-ERR Syntax error in HELLO option 'SETNAME'\r\n"
            "-ERR Client names cannot contain spaces, newlines or special "
            "characters.\r\n-WRONGPASS invalid username-password pair or user "
            "is disabled.\r\n$-1\r\n");
}

TEST(golden_test, authenticates_without_a_configured_password) {
  EXPECT_EQ(from_root("AUTH p\r\nAUTH default p\r\nAUTH a b\r\nAUTH a b c\r\n"),
            "-ERR AUTH <password> called without any password configured for "
            "the default user. Are you sure your configuration is correct?\r\n"
            "+OK\r\n-WRONGPASS invalid username-password pair or user is "
            "disabled.\r\n-ERR syntax error\r\n");
}

TEST(golden_test, demands_a_password_in_redis_order) {
  EXPECT_EQ(with_password("PING\r\nNOSUCH\r\nECHO\r\nHELLO 3\r\nHELLO 3 AUTH "
                          "default bad\r\nAUTH bad\r\nAUTH secret\r\nPING\r\n"),
            "-NOAUTH Authentication required.\r\n"
            "-ERR unknown command 'NOSUCH', with args beginning with: \r\n"
            "-ERR wrong number of arguments for 'echo' command\r\n"
            "-NOAUTH HELLO must be called with the client already "
            "authenticated, otherwise the HELLO AUTH <user> <pass> option can "
            "be used to authenticate the client and select the RESP protocol "
            "version at the same time\r\n"
            "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
            "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
            "+OK\r\n+PONG\r\n");
  EXPECT_EQ(with_password("HELLO 3 AUTH default secret\r\nRESET\r\nPING\r\n"
                          "QUIT\r\n"),
            std::string{hello3}
              + "+RESET\r\n-NOAUTH Authentication required.\r\n+OK\r\n");
}

TEST(golden_test, takes_little_from_those_without_a_password) {
  EXPECT_EQ(with_password("*11\r\n"),
            "-ERR Protocol error: unauthenticated multibulk length\r\n");
  EXPECT_EQ(with_password("*1\r\n$16385\r\n"),
            "-ERR Protocol error: unauthenticated bulk length\r\n");
  // From the AUTH on the limits are the large ones, in the same read too.
  EXPECT_EQ(with_password("AUTH secret\r\n*11\r\n"), "+OK\r\n");
}

TEST(golden_test, answers_questions_about_keys) {
  EXPECT_EQ(from_root("COMMAND GETKEYS ping\r\nCOMMAND GETKEYS nosuch a\r\n"
                      "COMMAND GETKEYS publish a b\r\n"),
            "-ERR wrong number of arguments for 'command|getkeys' command\r\n"
            "-ERR Invalid command specified\r\n"
            "-ERR The command has no key arguments\r\n");
  EXPECT_EQ(from_root("COMMAND GETKEYS watch a b\r\n"
                      "COMMAND GETKEYS object encoding k\r\n"
                      "COMMAND GETKEYS object foo k\r\n"
                      "COMMAND GETKEYS spublish a b\r\n"
                      "COMMAND GETKEYS memory usage k SAMPLES 5\r\n"
                      "COMMAND GETKEYS object encoding k l\r\n"),
            "*2\r\n$1\r\na\r\n$1\r\nb\r\n*1\r\n$1\r\nk\r\n"
            "-ERR Invalid command specified\r\n"
            "-ERR The command has no key arguments\r\n*1\r\n$1\r\nk\r\n"
            "-ERR Invalid number of arguments specified for command\r\n");
  EXPECT_EQ(from_root("HELLO 3\r\nCOMMAND GETKEYSANDFLAGS watch a\r\n"
                      "COMMAND GETKEYSANDFLAGS ping a\r\n"),
            std::string{hello3}
              + "*1\r\n*2\r\n$1\r\na\r\n~1\r\n+RO\r\n"
                "-ERR The command has no key arguments\r\n");
}

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

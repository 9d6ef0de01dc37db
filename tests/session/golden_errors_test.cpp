#include "tests/session/golden.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using namespace test::golden;

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

} // namespace
} // namespace saker::session

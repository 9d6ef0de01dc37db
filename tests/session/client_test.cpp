// CLIENT TRACKING, CACHING, PAUSE … as redis-server 7.0.15 answers them.
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

std::string say(std::string_view input) {
  return test::play(input, [] {
    auto config = test::default_settings();
    config.connected = [](std::uint64_t id) { return id == 4 || id == 7; };
    return test::world{std::move(config)};
  });
}

std::string info(const std::vector<std::string>& flags, int redirect,
                 const std::vector<std::string>& prefixes = {}) {
  auto bulk = [](const std::string& x) {
    return '$' + std::to_string(x.size()) + "\r\n" + x + "\r\n";
  };
  auto list = [&bulk](const std::vector<std::string>& all) {
    auto text = '*' + std::to_string(all.size()) + "\r\n";
    for (auto& x : all)
      text += bulk(x);
    return text;
  };
  return "*6\r\n" + bulk("flags") + list(flags) + bulk("redirect") + ':'
         + std::to_string(redirect) + "\r\n" + bulk("prefixes")
         + list(prefixes);
}

TEST(client_test, has_few_prefixes) {
  std::string command = "CLIENT TRACKING on BCAST";
  for (auto i = 100; i < 200; ++i)
    command += " PREFIX p" + std::to_string(i);
  EXPECT_EQ(say(command + "\r\n"), "+OK\r\n");
  auto refused = "-ERR a client may have at most 100 prefixes of at most 1000 "
                 "bytes\r\n";
  EXPECT_EQ(say(command + " PREFIX q\r\n"), refused);
  EXPECT_EQ(
    say("CLIENT TRACKING on BCAST PREFIX " + std::string(1001, 'x') + "\r\n"),
    refused);
}

TEST(client_test, remembers_what_is_tracked) {
  EXPECT_EQ(say("CLIENT TRACKINGINFO\r\nCLIENT GETREDIR\r\n"),
            info({"off"}, -1) + ":-1\r\n");
  EXPECT_EQ(say("CLIENT TRACKING on\r\nCLIENT TRACKINGINFO\r\n"
                "CLIENT GETREDIR\r\n"),
            "+OK\r\n" + info({"on"}, 0) + ":0\r\n");
  EXPECT_EQ(say("CLIENT TRACKING on redirect 4 noloop\r\n"
                "CLIENT TRACKINGINFO\r\nCLIENT GETREDIR\r\nRESET\r\n"
                "CLIENT GETREDIR\r\n"),
            "+OK\r\n" + info({"on", "noloop"}, 4) + ":4\r\n+RESET\r\n:-1\r\n");
  EXPECT_EQ(say("CLIENT TRACKING on BCAST PREFIX b PREFIX a\r\n"
                "CLIENT TRACKINGINFO\r\nCLIENT TRACKING off\r\n"
                "CLIENT TRACKING on BCAST\r\nCLIENT TRACKINGINFO\r\n"),
            "+OK\r\n" + info({"on", "bcast"}, 0, {"a", "b"}) + "+OK\r\n+OK\r\n"
              + info({"on", "bcast"}, 0, {""}));
  auto text = say("HELLO 3\r\nCLIENT TRACKINGINFO\r\n");
  EXPECT_TRUE(text.ends_with("%3\r\n$5\r\nflags\r\n~1\r\n$3\r\noff\r\n$8\r\n"
                             "redirect\r\n:-1\r\n$8\r\nprefixes\r\n*0\r\n"))
    << text;
}

TEST(client_test, refuses_tracking_in_the_words_of_redis) {
  EXPECT_EQ(say("CLIENT TRACKING\r\nCLIENT TRACKING foo\r\n"
                "CLIENT TRACKING on FOO\r\nCLIENT TRACKING on REDIRECT\r\n"
                "CLIENT TRACKING on REDIRECT x\r\n"
                "CLIENT TRACKING off REDIRECT 9\r\n"
                "CLIENT TRACKING on REDIRECT 4 REDIRECT 7\r\n"
                "CLIENT TRACKING on OPTIN OPTOUT\r\n"
                "CLIENT TRACKING on PREFIX a\r\n"
                "CLIENT TRACKING on BCAST OPTIN\r\n"
                "CLIENT TRACKING on BCAST PREFIX a PREFIX ab\r\n"),
            "-ERR wrong number of arguments for 'client|tracking' command\r\n"
            "-ERR syntax error\r\n-ERR syntax error\r\n-ERR syntax error\r\n"
            "-ERR value is not an integer or out of range\r\n"
            "-ERR The client ID you want redirect to does not exist\r\n"
            "-ERR A client can only redirect to a single other client\r\n"
            "-ERR You can't specify both OPTIN mode and OPTOUT mode\r\n"
            "-ERR PREFIX option requires BCAST mode to be enabled\r\n"
            "-ERR OPTIN and OPTOUT are not compatible with BCAST\r\n"
            "-ERR Prefix 'a' overlaps with another provided prefix 'ab'. "
            "Prefixes for a single client must not overlap.\r\n");
  EXPECT_EQ(say("CLIENT TRACKING on BCAST PREFIX a\r\nCLIENT TRACKING on\r\n"
                "CLIENT TRACKING on BCAST PREFIX ab\r\n"),
            "+OK\r\n-ERR You can't switch BCAST mode on/off before disabling "
            "tracking for this client, and then re-enabling it with a "
            "different mode.\r\n-ERR Prefix 'ab' overlaps with an existing "
            "prefix 'a'. Prefixes for a single client must not overlap.\r\n");
  EXPECT_EQ(say("CLIENT TRACKING on OPTIN\r\nCLIENT TRACKING on OPTOUT\r\n"),
            "+OK\r\n-ERR You can't switch OPTIN/OPTOUT mode before disabling "
            "tracking for this client, and then re-enabling it with a "
            "different mode.\r\n");
}

TEST(client_test, takes_wishes_about_caching_for_one_command) {
  constexpr auto not_now
    = "-ERR CLIENT CACHING can be called only when the client is in tracking "
      "mode with OPTIN or OPTOUT mode enabled\r\n";
  EXPECT_EQ(say("CLIENT CACHING yes\r\nCLIENT CACHING foo\r\n"),
            std::string{not_now} + not_now);
  EXPECT_EQ(say("CLIENT TRACKING on OPTIN\r\nCLIENT CACHING no\r\n"
                "CLIENT CACHING foo\r\nCLIENT CACHING yes\r\n"
                "CLIENT TRACKINGINFO\r\nPING\r\nCLIENT TRACKINGINFO\r\n"),
            "+OK\r\n-ERR CLIENT CACHING NO is only valid when tracking is "
            "enabled in OPTOUT mode.\r\n-ERR syntax error\r\n+OK\r\n"
              + info({"on", "optin", "caching-yes"}, 0) + "+PONG\r\n"
              + info({"on", "optin"}, 0));
  EXPECT_EQ(say("CLIENT TRACKING on OPTOUT\r\nCLIENT CACHING yes\r\n"
                "CLIENT CACHING no\r\nCLIENT TRACKINGINFO\r\n"),
            "+OK\r\n-ERR CLIENT CACHING YES is only valid when tracking is "
            "enabled in OPTIN mode.\r\n+OK\r\n"
              + info({"on", "optout", "caching-no"}, 0));
}

TEST(client_test, shows_what_it_is_in_letters) {
  auto flags = [](std::string_view before) {
    test::world x;
    x.feed(before);
    auto line = to_line(x.uut.figures(x.now));
    auto at = line.find(" flags=") + 7;
    return line.substr(at, line.find(' ', at) - at);
  };
  EXPECT_EQ(flags(""), "N");
  EXPECT_EQ(flags("CLIENT NO-EVICT on\r\n"), "e");
  EXPECT_EQ(flags("CLIENT NO-EVICT on\r\nCLIENT NO-EVICT off\r\n"), "N");
  EXPECT_EQ(flags("CLIENT TRACKING on\r\n"), "t");
  EXPECT_EQ(flags("CLIENT TRACKING on BCAST\r\nMULTI\r\n"), "xtB");
  EXPECT_EQ(flags("SUBSCRIBE a\r\n"), "P");
}

// -- CLIENT PAUSE ----------------------------------------------------------------

TEST(client_test, holds_what_a_pause_is_about) {
  test::world x;
  x.uut.suspend(suspension::writes);
  EXPECT_EQ(x.feed("PING\r\nSVSTATUS\r\n"), "+PONG\r\n$8\r\nSVSTATUS\r\n");
  EXPECT_EQ(x.feed("PUBLISH a b\r\nPING\r\n"), "");
  EXPECT_TRUE(x.uut.blocked());
  EXPECT_FALSE(x.uut.more());
  EXPECT_TRUE(x.uut.wants_input()); // to notice its end
  EXPECT_NE(to_line(x.uut.figures(x.now)).find(" flags=b "), std::string::npos);
  x.uut.suspend(suspension::none);
  EXPECT_TRUE(x.uut.more());
  EXPECT_EQ(x.carry_on(), ":0\r\n+PONG\r\n");
  EXPECT_FALSE(x.uut.blocked());
}

TEST(client_test, holds_all_but_the_end_of_a_pause) {
  test::world x;
  x.uut.suspend(suspension::all);
  EXPECT_EQ(x.feed("CLIENT UNPAUSE\r\nPING\r\nQUIT\r\n"), "$6\r\nCLIENT\r\n");
  x.uut.suspend(suspension::none);
  EXPECT_EQ(x.carry_on(), "+PONG\r\n+OK\r\n");
}

TEST(client_test, tries_once_what_another_pause_may_let_go) {
  test::world x;
  x.uut.suspend(suspension::all);
  EXPECT_EQ(x.feed("PING\r\nPUBLISH a b\r\n"), "");
  x.uut.suspend(suspension::all); // nothing new
  EXPECT_FALSE(x.uut.more());
  x.uut.suspend(suspension::writes);
  EXPECT_EQ(x.carry_on(), "+PONG\r\n");
  EXPECT_TRUE(x.uut.blocked());
  EXPECT_FALSE(x.uut.more());
  x.uut.suspend(suspension::none);
  EXPECT_EQ(x.carry_on(), ":0\r\n");
}

TEST(client_test, holds_commands_that_change_services) {
  for (auto held : {"SVSTOP a", "SVRUN a b", "FLUSHALL", "LOAD x"}) {
    test::world x;
    x.uut.suspend(suspension::writes);
    EXPECT_EQ(x.feed(std::string{held} + "\r\n"), "") << held;
    EXPECT_TRUE(x.uut.blocked()) << held;
  }
}

TEST(client_test, does_not_read_on_for_ever_in_a_pause) {
  test::world x;
  x.uut.suspend(suspension::all);
  std::string many;
  while (many.size() < 100'000)
    many += "PING\r\n";
  EXPECT_EQ(x.feed(many), "");
  EXPECT_FALSE(x.uut.wants_input());
}

TEST(client_test, reads_how_long_a_pause_is) {
  auto pause = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"CLIENT", "PAUSE"});
    auto x = parse_pause(words);
    return x ? std::to_string(x->time.count())
                 + (x->what == suspension::all ? " all" : " writes")
             : x.error().detail;
  };
  EXPECT_EQ(pause({"5"}), "5 all");
  EXPECT_EQ(pause({"5", "write"}), "5 writes");
  EXPECT_EQ(pause({"0", "ALL"}), "0 all");
  EXPECT_EQ(pause({"x"}), "ERR timeout is not an integer or out of range");
  EXPECT_EQ(pause({"-1"}), "ERR timeout is negative");
  EXPECT_EQ(pause({"x", "FOO"}), "ERR CLIENT PAUSE mode must be WRITE or ALL");
  EXPECT_EQ(pause({"5", "ALL", "x"}),
            "ERR unknown subcommand or wrong number of arguments for 'PAUSE'. "
            "Try CLIENT HELP.");
  EXPECT_EQ(pause({"9223372036854775807"}), "315360000000 all");
}

TEST(client_test, reads_whom_to_unblock) {
  auto unblock = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"CLIENT", "UNBLOCK"});
    auto x = parse_unblock(words);
    return x ? std::to_string(x->id) + (x->as_error ? " error" : "")
             : x.error().detail;
  };
  EXPECT_EQ(unblock({"5"}), "5");
  EXPECT_EQ(unblock({"5", "timeout"}), "5");
  EXPECT_EQ(unblock({"5", "ERROR"}), "5 error");
  EXPECT_EQ(unblock({"x"}), "ERR value is not an integer or out of range");
  EXPECT_EQ(unblock({"x", "FOO"}),
            "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  EXPECT_EQ(unblock({"5", "ERROR", "x"}),
            "ERR unknown subcommand or wrong number of arguments for "
            "'UNBLOCK'. Try CLIENT HELP.");
}

TEST(client_test, is_answered_by_an_error_when_it_is_unblocked) {
  test::world x;
  x.answers = false;
  x.uut.unblock(); // nothing to do
  EXPECT_EQ(x.feed("SVWAIT a running 1000\r\nPING\r\n"), "");
  auto open = x.take<request>();
  x.uut.unblock();
  EXPECT_EQ(x.carry_on(),
            "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n+PONG\r\n");
  x.uut.answer(open.id, resp::value{1}); // too late
  EXPECT_EQ(x.carry_on(), "");
}

} // namespace
} // namespace saker::session

#include "session/session.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using test::world;

TEST(bounds_test, stops_reading_at_too_many_open_commands) {
  auto config = test::default_settings();
  config.open_commands = 3;
  world x{config};
  x.answers = false;
  x.feed("SVSTATUS\r\nPING\r\nSVSTATUS\r\nSVSTATUS\r\n");
  EXPECT_FALSE(x.uut.wants_input());
  auto first = x.take<request>();
  auto second = x.take<request>();
  EXPECT_TRUE(x.waiting.empty());
  x.uut.answer(first.id, 1);
  EXPECT_TRUE(x.uut.more());
  EXPECT_EQ(x.carry_on(), ":1\r\n+PONG\r\n");
  EXPECT_TRUE(x.uut.wants_input());
  x.uut.answer(second.id, 2);
  x.uut.answer(x.take<request>().id, 3);
  EXPECT_EQ(x.carry_on(), ":2\r\n:3\r\n");
}

TEST(bounds_test, executes_nothing_while_paused) {
  world x;
  x.uut.pause(true);
  EXPECT_FALSE(x.uut.wants_input());
  EXPECT_EQ(x.feed("PING\r\n"), "");
  EXPECT_FALSE(x.uut.more());
  x.uut.pause(false);
  EXPECT_TRUE(x.uut.more());
  EXPECT_EQ(x.carry_on(), "+PONG\r\n");
}

TEST(bounds_test, makes_output_in_pieces) {
  auto config = test::default_settings();
  config.output_chunk = 10;
  session x{1, test::root_peer(), std::make_shared<const settings>(config),
            test::at(0)};
  x.feed("PING\r\nPING\r\nPING\r\nPING\r\nPING\r\n", test::at(0));
  EXPECT_FALSE(x.wants_input());
  EXPECT_EQ(x.take_output(), "+PONG\r\n+PONG\r\n");
  EXPECT_TRUE(x.more());
  x.proceed(test::at(0));
  EXPECT_EQ(x.take_output(), "+PONG\r\n+PONG\r\n");
  x.proceed(test::at(0));
  EXPECT_EQ(x.take_output(), "+PONG\r\n");
  EXPECT_FALSE(x.more());
  EXPECT_TRUE(x.wants_input());
}

TEST(bounds_test, counts_replies_that_wait_for_an_earlier_one) {
  auto config = test::default_settings();
  config.output_chunk = 1'000;
  world x{config};
  x.answers = false;
  x.feed("SVSTATUS\r\nSVSTATUS\r\n");
  auto first = x.take<request>();
  auto second = x.take<request>();
  x.uut.answer(second.id, std::string(500, 'x'));
  auto line = "ECHO " + std::string(100, 'x') + "\r\n";
  int fed = 0;
  while (x.uut.wants_input() && fed < 100) {
    EXPECT_EQ(x.feed(line), "");
    ++fed;
  }
  EXPECT_EQ(fed, 5); // 500 + 5 * 100 and what belongs to them
  x.uut.answer(first.id, 1);
  auto out = x.carry_on();
  EXPECT_EQ(out.size(), 4u + 508 + 5 * 108);
  EXPECT_TRUE(x.uut.wants_input());
}

TEST(bounds_test, stops_reading_ahead_of_a_blocked_command) {
  world x;
  x.answers = false;
  x.feed("SVSTATUS\r\nTASKS\r\n");
  EXPECT_TRUE(x.uut.wants_input()) << "to notice the end of the connection";
  auto line = "ECHO " + std::string(1'000, 'x') + "\r\n";
  for (int i = 0; i < 100 && x.uut.wants_input(); ++i)
    x.feed(line);
  EXPECT_FALSE(x.uut.wants_input());
  EXPECT_LT(x.uut.figures(test::at(0)).query_buffer, 100'000u);
}

TEST(bounds_test, takes_no_endless_names_of_channels) {
  world x;
  std::string fits(4096, 'c');
  std::string longer(4097, 'c');
  EXPECT_EQ(x.feed("PUBLISH " + fits + " hi\r\n"), ":0\r\n");
  for (auto command :
       {"PUBLISH " + longer + " hi", "SUBSCRIBE " + longer,
        "PSUBSCRIBE a " + longer, "SSUBSCRIBE a " + longer,
        "SPUBLISH " + longer + " hi", "PUBSUB CHANNELS " + longer,
        "PUBSUB SHARDCHANNELS " + longer}) {
    auto reply = x.feed(command + "\r\n");
    EXPECT_TRUE(reply.starts_with("-ERR the name of a channel or pattern is "
                                  "longer than 4096 bytes"))
      << reply;
  }
  EXPECT_EQ(x.feed("PUBLISH c " + longer + "\r\n"), ":0\r\n");
}

TEST(bounds_test, takes_fewer_subscriptions_from_guests) {
  auto config = test::default_settings();
  config.subscriptions = 4;
  config.guest_subscriptions = 2;
  world owner{config};
  EXPECT_FALSE(owner.feed("SUBSCRIBE a b c\r\n").starts_with("-"));
  EXPECT_EQ(owner.feed("SSUBSCRIBE d e\r\n"),
            "-ERR a client may listen to 4 channels and patterns; [limits] "
            "subscriptions is the limit\r\n");
  world guest{config, test::stranger_peer()};
  EXPECT_FALSE(guest.feed("SUBSCRIBE a b\r\n").starts_with("-"));
  const std::string no = "-ERR a client may listen to 2 channels and patterns; "
                         "[limits] guest-subscriptions is the limit\r\n";
  EXPECT_EQ(guest.feed("SUBSCRIBE c\r\n"), no);
  EXPECT_EQ(guest.feed("SSUBSCRIBE c\r\n"), no);
  world other{config, test::stranger_peer()};
  EXPECT_EQ(other.feed("SSUBSCRIBE a b c\r\n"), no);
  EXPECT_FALSE(other.feed("SSUBSCRIBE a b\r\n").starts_with("-"));
  EXPECT_EQ(other.feed("SSUBSCRIBE c\r\n"), no);
  EXPECT_EQ(other.feed("PSUBSCRIBE c\r\n"), no);
}

std::string times(std::size_t count, std::string_view word) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += word;
  return text;
}

TEST(bounds_test, takes_a_thousand_names_of_services) {
  world x;
  for (auto command : {"SVSTATUS", "SVSTOP", "SVGMEMBER", "SVAPPLY"}) {
    EXPECT_FALSE(x.feed(command + times(1000, " w") + "\r\n").starts_with("-"))
      << command;
    EXPECT_TRUE(x.feed(command + times(1001, " w") + "\r\n")
                  .starts_with("-ERR a command takes at most 1000 names"))
      << command;
  }
  x.feed("MULTI\r\n");
  x.feed("SVSTATUS" + times(1001, " w") + "\r\n");
  EXPECT_TRUE(x.feed("EXEC\r\n").starts_with("-EXECABORT"));
  for (auto options : {" WAIT 5000", " ROLLING 1 WAIT 5000"})
    EXPECT_FALSE(x.feed("SVRESTART" + times(1000, " w") + options + "\r\n")
                   .starts_with("-"))
      << options;
  auto hangup = "SVSIGNAL HUP" + times(1000, " w");
  EXPECT_FALSE(x.feed(hangup + "\r\n").starts_with("-"));
  EXPECT_TRUE(x.feed(hangup + " w\r\n").starts_with("-ERR a command"));
  auto program = "SVRUN a /bin/echo" + times(2000, " w") + "\r\n";
  EXPECT_FALSE(x.feed(program).starts_with("-"));
}

TEST(bounds_test, tries_out_no_more_names_than_a_command_takes) {
  auto with = test::default_settings();
  test::set_user(with, "ann", {"on", "+@all", "~service:web"});
  world x{with};
  auto tried = "ACL DRYRUN ann SVSTOP" + times(1000, " w*");
  EXPECT_EQ(x.feed(tried + "\r\n"), "$3\r\nACL\r\n") << "it is asked";
  EXPECT_TRUE(
    x.feed(tried + " w*\r\n").starts_with("-ERR a command takes at most"));
}

TEST(bounds_test, counts_listeners_of_ten_thousand_channels) {
  world x;
  for (auto command : {"PUBSUB NUMSUB", "PUBSUB SHARDNUMSUB"}) {
    EXPECT_TRUE(
      x.feed(command + times(10000, " c") + "\r\n").starts_with("*20000\r\n"))
      << command;
    EXPECT_TRUE(x.feed(command + times(10001, " c") + "\r\n")
                  .starts_with("-ERR at most 10000 channels"))
      << command;
  }
}

TEST(bounds_test, lets_guests_post_as_little_as_others) {
  world guest{test::default_settings(), test::stranger_peer()};
  EXPECT_EQ(guest.feed("SPUBLISH a x\r\n"), ":0\r\n");
  auto reply = guest.feed("SPUBLISH " + std::string(4097, 'c') + " x\r\n");
  EXPECT_TRUE(reply.starts_with("-ERR the name of a channel")) << reply;
  EXPECT_TRUE(guest.feed("SPUBLISH log:n1:web x\r\n").starts_with("-NOPERM"));
}

TEST(bounds_test, takes_no_endless_names_of_clients) {
  world x;
  std::string longer(1025, 'n');
  for (auto command : {"CLIENT SETNAME ", "CLIENT SETINFO LIB-NAME ",
                       "CLIENT SETINFO LIB-VER ", "HELLO 3 SETNAME "}) {
    auto reply = x.feed(command + longer + "\r\n");
    EXPECT_NE(reply.find("cannot be longer than 1024 bytes"), std::string::npos)
      << reply;
  }
}

TEST(bounds_test, hangs_up_on_too_large_commands) {
  auto config = test::default_settings();
  config.query_buffer = 1'000;
  world x{config};
  EXPECT_EQ(x.feed("*1\r\n$2000\r\n" + std::string(900, 'x')), "");
  EXPECT_FALSE(x.closed);
  EXPECT_EQ(x.feed(std::string(100, 'x')), "");
  EXPECT_TRUE(x.closed);
  EXPECT_TRUE(x.cut_off);
}

TEST(bounds_test, takes_long_pipelines_of_short_commands) {
  auto config = test::default_settings();
  config.query_buffer = 1'000;
  world x{config};
  std::string input;
  for (int i = 0; i < 1'000; ++i)
    input += "PING\r\n";
  EXPECT_EQ(x.feed(input).size(), 7'000u);
  EXPECT_FALSE(x.closed);
}

TEST(bounds_test, t_r2_answers_a_million_commands_that_came_at_once) {
  constexpr std::size_t count = 1'000'000;
  std::string input;
  std::string replies;
  for (std::size_t i = 0; i < count; ++i) {
    input += i % 1000 == 0 ? "*2\r\n$4\r\nECHO\r\n$2\r\n\r\n\r\n" : "PING\r\n";
    replies += i % 1000 == 0 ? "$2\r\n\r\n\r\n" : "+PONG\r\n";
  }
  world x;
  std::string got;
  std::size_t most = 0;
  x.uut.feed(input, x.now);
  for (;;) {
    auto piece = x.uut.take_output();
    most = std::max(most, piece.size());
    got += piece;
    if (!x.uut.more())
      break;
    x.uut.proceed(x.now);
  }
  EXPECT_TRUE(got == replies) << got.size() << " bytes of " << replies.size();
  EXPECT_LT(most, 2u << 20) << "output is made in pieces";
  EXPECT_EQ(x.uut.executed(), count);
}

TEST(bounds_test, t_r1_answers_the_same_one_byte_at_a_time) {
  // Everything that has a state of its own, in both protocols.
  constexpr std::string_view input
    = "PING\r\n*2\r\n$4\r\nECHO\r\n$4\r\n\r\n.x\r\n"
      "MULTI\r\nSET\r\nPING\r\nEXEC\r\nMULTI\r\nSPUBLISH s x\r\nTIME\r\n"
      "EXEC\r\nSSUBSCRIBE s\r\nSUBSCRIBE c d\r\nPING x\r\nSUNSUBSCRIBE\r\n"
      "UNSUBSCRIBE c\r\nRESET\r\nHELLO 3\r\nSSUBSCRIBE s\r\nSPUBLISH z 1\r\n"
      "MULTI\r\nSPUBLISH z 2\r\nDEBUG PROTOCOL map\r\nEXEC\r\n"
      "DEBUG SLEEP 0\r\nMONITOR\r\nDBSIZE\r\nSLOWLOG GET\r\nRESET\r\n"
      "CLIENT REPLY SKIP\r\nPING\r\nECHO end\r\nQUIT\r\nPING\r\n";
  auto out = test::play(input, [] { return world{}; });
  EXPECT_FALSE(out.starts_with("byte by byte")) << out;
  EXPECT_FALSE(out.starts_with("cut at")) << out;
  EXPECT_TRUE(out.ends_with("+RESET\r\n$3\r\nend\r\n+OK\r\n")) << out;
}

TEST(bounds_test, lets_little_pile_up_before_authentication) {
  auto config = test::default_settings();
  test::set_user(config, "default", {">secret"});
  world x{config};
  EXPECT_EQ(x.uut.reply_pause(), config.reply_pause_before_auth);
  x.feed("AUTH secret\r\n");
  EXPECT_EQ(x.uut.reply_pause(), config.reply_pause);
}

} // namespace
} // namespace saker::session

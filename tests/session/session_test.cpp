#include "session/session.hpp"

#include "tests/session/world.hpp"

#include <gtest/gtest.h>

#include <random>

namespace saker::session {
namespace {

using test::world;

std::shared_ptr<const alias_table> some_aliases() {
  std::vector<alias> all;
  all.push_back({"deploy", "deploy.lua", "Deploys.", -1});
  all.push_back({"look", "deploy.lua", "", 2, resp::right::status});
  all.push_back({"Other", "other.lua", "", -1});
  return std::make_shared<const alias_table>(std::move(all));
}

settings with_aliases() {
  auto x = test::default_settings();
  x.aliases = [table = some_aliases()] { return table; };
  return x;
}

// -- order ---------------------------------------------------------------------

class order_test : public ::testing::Test {
protected:
  order_test() : x(with_aliases()) {
    x.answers = false;
  }

  world x;
};

TEST_F(order_test, sends_replies_in_the_order_of_the_commands) {
  EXPECT_EQ(x.feed("SVSTATUS a\r\nPING\r\nSVSTATUS b\r\nECHO hi\r\n"), "");
  auto first = x.take<request>();
  auto second = x.take<request>();
  x.uut.answer(second.id, "second");
  EXPECT_EQ(x.carry_on(), "");
  x.uut.answer(first.id, "first");
  EXPECT_EQ(x.carry_on(), "$5\r\nfirst\r\n+PONG\r\n$6\r\nsecond\r\n"
                          "$2\r\nhi\r\n");
}

TEST_F(order_test, runs_nothing_beside_a_command_that_waits) {
  x.feed("SVWAIT a running 1000\r\nSVWAIT b running 1000\r\nPING\r\n");
  EXPECT_TRUE(x.uut.waits());
  x.uut.answer(x.take<request>().id, 1);
  x.carry_on();
  auto second = x.take<request>();
  EXPECT_EQ(second.args[1], "b");
  EXPECT_TRUE(x.waiting.empty());
  x.uut.answer(second.id, 1);
  x.carry_on();
  EXPECT_FALSE(x.uut.waits());
}

TEST_F(order_test, reads_on_behind_a_command_that_waits_but_not_for_ever) {
  x.feed("SVWAIT a running 1000\r\n");
  std::string more;
  while (more.size() < 500'000)
    more += "PING\r\n";
  x.feed(more);
  EXPECT_TRUE(x.uut.wants_input()); // although too many commands are open
  x.feed(more);
  EXPECT_FALSE(std::holds_alternative<close>(x.waiting.back()));
  x.feed(more);
  EXPECT_TRUE(std::holds_alternative<close>(x.waiting.back()));
}

TEST_F(order_test, counts_each_command_that_is_carried_out_once) {
  x.feed("PING\r\nCALL deploy\r\ndeploy\r\nSVSTATUS\r\n");
  // Blocked behind the script and tried again, but not carried out twice.
  EXPECT_EQ(x.uut.executed(), 3u);
  x.uut.answer(x.take<request>().id, 1);
  x.uut.answer(x.take<request>().id, 1);
  x.carry_on();
  EXPECT_EQ(x.uut.executed(), 4u);
  x.feed("nosuch\r\nECHO\r\n"); // refused
  EXPECT_EQ(x.uut.executed(), 4u);
}

TEST_F(order_test, tells_others_everything_about_a_request) {
  x.feed("HELLO 3\r\nSvStatus web* JSON\r\n");
  auto asked = x.take<request>();
  EXPECT_EQ(asked.target, resp::target::roster);
  EXPECT_EQ(asked.command->name, "svstatus");
  EXPECT_EQ(asked.args, (std::vector<std::string>{"SvStatus", "web*", "JSON"}));
  EXPECT_EQ(asked.user, "default");
  EXPECT_EQ(asked.rights, resp::rights::all());
  EXPECT_EQ(asked.protocol, resp::protocol::resp3);
}

TEST_F(order_test, holds_back_commands_for_others_until_all_is_answered) {
  x.feed("SVSTOP a\r\nSVSTART b\r\nTASKS\r\nSVSTATUS\r\n");
  auto stop = x.take<request>();
  auto start = x.take<request>();
  EXPECT_TRUE(x.waiting.empty());
  x.uut.answer(stop.id, 1);
  EXPECT_EQ(x.carry_on(), ":1\r\n");
  EXPECT_TRUE(x.waiting.empty());
  x.uut.answer(start.id, 2);
  EXPECT_EQ(x.carry_on(), ":2\r\n");
  auto tasks = x.take<request>();
  EXPECT_EQ(tasks.target, resp::target::librarian);
  EXPECT_TRUE(x.waiting.empty());
  x.uut.answer(tasks.id, 3);
  x.carry_on();
  EXPECT_EQ(x.take<request>().command->name, "svstatus");
}

TEST_F(order_test, takes_scripts_for_different_ones) {
  x.feed("deploy 1\r\nlook 2\r\nother 3\r\n");
  auto first = x.take<request>();
  auto second = x.take<request>();
  EXPECT_EQ(first.script, "deploy.lua");
  EXPECT_TRUE(x.waiting.empty());
  x.uut.answer(first.id, {});
  x.uut.answer(second.id, {});
  x.carry_on();
  EXPECT_EQ(x.take<request>().script, "other.lua");
}

TEST_F(order_test, joins_publishes_of_one_read) {
  x.feed("PUBLISH a 1\r\nPING\r\nPUBLISH b 22\r\nSUBSCRIBE a\r\n");
  auto batch = x.take<publish_batch>();
  ASSERT_EQ(batch.size(), 2u);
  std::string seen;
  batch.for_each([&](auto message) {
    seen += std::string{message.channel} + '=' + std::string{message.payload}
            + ' ';
  });
  EXPECT_EQ(seen, "a=1 b=22 ");
  auto follow = x.take<subscribe>();
  EXPECT_EQ(follow.names, (std::vector<std::string>{"a"}));
  EXPECT_TRUE(x.waiting.empty());
  const std::int64_t counts[]{5, 6};
  x.uut.answer_publish(batch.id, counts);
  EXPECT_EQ(x.carry_on(), ":5\r\n+PONG\r\n:6\r\n*3\r\n$9\r\nsubscribe\r\n"
                          "$1\r\na\r\n:1\r\n");
}

TEST_F(order_test, keeps_publishes_on_their_side_of_a_subscription) {
  x.feed("HELLO 3\r\nPUBLISH a 1\r\nSUBSCRIBE a\r\nPUBLISH a 2\r\n");
  auto before = x.take<publish_batch>();
  x.take<subscribe>();
  auto after = x.take<publish_batch>();
  EXPECT_EQ(before.size(), 1u);
  EXPECT_EQ(after.size(), 1u);
  EXPECT_NE(before.id, after.id);
}

TEST_F(order_test, confirms_the_end_of_a_subscription_when_it_has_ended) {
  x.feed("SUBSCRIBE a\r\n");
  x.take<subscribe>();
  EXPECT_EQ(x.feed("UNSUBSCRIBE a\r\nPING\r\n"), "");
  EXPECT_FALSE(x.uut.subscribed());
  auto end = x.take<unsubscribe>();
  EXPECT_EQ(end.names, (std::vector<std::string>{"a"}));
  x.uut.answer(end.id, {});
  EXPECT_EQ(x.carry_on(), "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n"
                          "+PONG\r\n");
}

TEST_F(order_test, waits_for_the_broker_before_it_switches_the_protocol) {
  x.feed("HELLO 3\r\nSUBSCRIBE a\r\n");
  EXPECT_EQ(x.take<subscribe>().protocol, resp::protocol::resp3);
  EXPECT_EQ(x.feed("HELLO 2\r\nPING\r\n"), "");
  auto change = x.take<switch_protocol>();
  EXPECT_EQ(change.protocol, resp::protocol::resp2);
  x.uut.answer(change.id, {});
  auto out = x.carry_on();
  EXPECT_TRUE(out.starts_with("*14\r\n"));
  EXPECT_TRUE(out.ends_with("*2\r\n$4\r\npong\r\n$0\r\n\r\n"));
}

TEST_F(order_test, waits_for_the_broker_before_it_is_reset) {
  x.feed("SUBSCRIBE a\r\n");
  x.take<subscribe>();
  EXPECT_EQ(x.feed("RESET\r\n"), "");
  x.uut.answer(x.take<unsubscribe_all>().id, {});
  EXPECT_EQ(x.carry_on(), "+RESET\r\n");
}

TEST_F(order_test, encodes_for_the_protocol_at_the_time_of_the_command) {
  x.feed("SVSTATUS\r\nHELLO 3\r\nSVSTATUS\r\n");
  auto first = x.take<request>();
  auto second = x.take<request>();
  x.uut.answer(second.id, nullptr);
  x.uut.answer(first.id, nullptr);
  auto out = x.carry_on();
  EXPECT_TRUE(out.starts_with("$-1\r\n%7\r\n")) << out;
  EXPECT_TRUE(out.ends_with("_\r\n")) << out;
}

TEST_F(order_test, closes_after_the_open_replies) {
  x.feed("SVSTATUS\r\nQUIT\r\nPING\r\n");
  auto open = x.take<request>();
  EXPECT_TRUE(x.waiting.empty()) << "closed too early";
  EXPECT_FALSE(x.uut.wants_input());
  x.uut.answer(open.id, 1);
  EXPECT_EQ(x.carry_on(), ":1\r\n+OK\r\n");
  EXPECT_TRUE(x.take<close>().after_output);
  EXPECT_FALSE(x.uut.more());
}

TEST_F(order_test, ignores_answers_that_nobody_waits_for) {
  x.feed("SVSTATUS\r\n");
  auto open = x.take<request>();
  x.uut.answer(open.id + 1, 1);
  x.uut.answer(0, 1);
  x.uut.answer_publish(open.id, {});
  EXPECT_EQ(x.carry_on(), "");
  x.uut.answer(open.id, 2);
  x.uut.answer(open.id, 3);
  EXPECT_EQ(x.carry_on(), ":2\r\n");
}

TEST_F(order_test, answers_zero_for_counts_that_are_missing) {
  x.feed("PUBLISH a 1\r\nPUBLISH a 2\r\n");
  const std::int64_t counts[]{4};
  x.uut.answer_publish(x.take<publish_batch>().id, counts);
  EXPECT_EQ(x.carry_on(), ":4\r\n:0\r\n");
}

TEST_F(order_test, t_r2_survives_answers_in_any_order) {
  std::mt19937 random{21};
  std::string expected;
  std::string got;
  std::vector<std::pair<request_id, std::string>> open;
  for (int i = 0; i < 5'000; ++i) {
    auto text = std::to_string(i);
    switch (random() % 4) {
      case 0: got += x.feed("ECHO " + text + "\r\n"); break;
      default:
        got += x.feed("SVSTATUS " + text + "\r\n");
        open.emplace_back(x.take<request>().id, text);
    }
    expected += "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
    while (open.size() > 20 || (i == 4'999 && !open.empty())) {
      auto n = random() % open.size();
      x.uut.answer(open[n].first, open[n].second);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(n));
      got += x.carry_on();
    }
  }
  EXPECT_EQ(got, expected);
}

// -- bounds --------------------------------------------------------------------

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

// -- rights --------------------------------------------------------------------

const std::string no_channel
  = "-NOPERM this user has no permissions to access one of the channels used "
    "as arguments";
const std::string as_guest
  = "; you are guest, as all who connect from here but root and Saker's own "
    "user: be one of these, or AUTH default PASSWORD (`saker passwd` makes "
    "one)";

std::string
no_command(std::string_view name, const std::string& hint = as_guest) {
  return "-NOPERM this user has no permissions to run the '" + std::string{name}
         + "' command" + hint + "\r\n";
}

TEST(rights_test, lets_strangers_look_and_listen) {
  world x{with_aliases(), test::stranger_peer()};
  EXPECT_EQ(x.feed("SVSTATUS\r\n"), "$8\r\nSVSTATUS\r\n");
  EXPECT_EQ(x.feed("INFO\r\n"), "$4\r\nINFO\r\n");
  EXPECT_EQ(x.feed("PUBLISH mine x\r\n"), ":0\r\n");
  EXPECT_EQ(x.feed("look x\r\n"), "$4\r\nlook\r\n");
  EXPECT_EQ(x.feed("SVSTOP a\r\n"), no_command("svstop"));
  EXPECT_EQ(x.feed("SHUTDOWN\r\n"), no_command("shutdown"));
  EXPECT_EQ(x.feed("LOAD x\r\n"), no_command("load"));
  EXPECT_EQ(x.feed("deploy\r\n"), no_command("deploy"));
  EXPECT_EQ(x.feed("CALL deploy\r\n"), no_command("deploy"));
  EXPECT_EQ(x.uut.figures(test::at(0)).user, "guest");
}

TEST(rights_test, lets_root_and_self_do_everything) {
  for (auto kind : {peer_kind::root, peer_kind::self}) {
    auto who = test::stranger_peer();
    who.kind = kind;
    world x{with_aliases(), who};
    EXPECT_EQ(x.feed("SHUTDOWN\r\n"), "$8\r\nSHUTDOWN\r\n");
    EXPECT_EQ(x.feed("deploy\r\n"), "$6\r\ndeploy\r\n");
    EXPECT_EQ(x.uut.figures(test::at(0)).user, "default");
  }
}

TEST(rights_test, makes_nobody_of_a_stranger_who_guesses_nothing) {
  // `default` has no password: from a stranger none is right.
  world x{test::default_settings(), test::stranger_peer()};
  EXPECT_TRUE(x.feed("AUTH default x\r\n").starts_with("-WRONGPASS"));
  EXPECT_TRUE(x.feed("AUTH default ''\r\n").starts_with("-WRONGPASS"));
  EXPECT_TRUE(x.feed("HELLO 3 AUTH default x\r\n").starts_with("-WRONGPASS"));
  EXPECT_TRUE(x.feed("AUTH guest x\r\n").starts_with("-WRONGPASS"));
  EXPECT_EQ(x.feed("SVSTOP a\r\n"), no_command("svstop"));
}

settings with_any_password() {
  auto x = with_aliases();
  test::set_user(x, "default", {">secret"});
  test::set_user(x, "bob", {"on", ">bobs", "+@basic", "+@control"});
  test::set_user(x, "locked", {"on", "+@all"});
  test::set_user(x, "off", {">off", "+@all"});
  test::set_user(x, "open", {"on", "nopass", "+@all"});
  return x;
}

TEST(rights_test, demands_the_password_of_everybody_on_tcp) {
  for (auto kind : {peer_kind::root, peer_kind::self, peer_kind::stranger}) {
    auto who = test::stranger_peer();
    who.kind = kind;
    world x{with_any_password(), who};
    EXPECT_EQ(x.feed("SVSTATUS\r\n"), "-NOAUTH Authentication required.\r\n");
    EXPECT_EQ(x.feed("look x\r\n"), "-NOAUTH Authentication required.\r\n");
    EXPECT_FALSE(x.uut.authenticated());
    EXPECT_EQ(x.feed("AUTH secret\r\n"), "+OK\r\n");
    EXPECT_EQ(x.feed("SVSTOP a\r\n"), "$6\r\nSVSTOP\r\n");
  }
}

TEST(rights_test, knows_root_on_the_unix_socket_without_a_password) {
  auto who = test::root_peer();
  who.via_unix = true;
  world x{with_any_password(), who};
  EXPECT_EQ(x.feed("SVSTOP a\r\n"), "$6\r\nSVSTOP\r\n");
  who.kind = peer_kind::stranger;
  world y{with_any_password(), who};
  EXPECT_EQ(y.feed("SVSTOP a\r\n"), no_command("svstop"));
}

TEST(rights_test, knows_other_users) {
  world x{with_any_password()};
  EXPECT_TRUE(x.feed("AUTH bob secret\r\n").starts_with("-WRONGPASS"));
  EXPECT_TRUE(x.feed("AUTH locked ''\r\n").starts_with("-WRONGPASS"));
  EXPECT_TRUE(x.feed("AUTH off off\r\n").starts_with("-WRONGPASS"));
  EXPECT_EQ(x.feed("AUTH open any\r\n"), "+OK\r\n");
  EXPECT_EQ(x.feed("AUTH bob bobs\r\n"), "+OK\r\n");
  EXPECT_EQ(x.feed("SVSTOP a\r\n"), "$6\r\nSVSTOP\r\n");
  EXPECT_EQ(x.feed("SVSTATUS\r\n"), no_command("svstatus", ""));
  EXPECT_EQ(x.feed("AUTH secret\r\n"), "+OK\r\n");
  EXPECT_EQ(x.feed("SVSTATUS\r\n"), "$8\r\nSVSTATUS\r\n");
}

TEST(rights_test, lets_nobody_forge_events_or_output) {
  world x;
  for (auto command : {"PUBLISH ", "SPUBLISH "})
    for (auto channel : {"saker:n1:web:exit", "saker:", "log:n1:web"})
      EXPECT_EQ(x.feed(command + std::string{channel} + " x\r\n"),
                no_channel + "\r\n");
  EXPECT_EQ(x.feed("PUBLISH sake x\r\nPUBLISH Saker: x\r\nPUBLISH lo x\r\n"),
            ":0\r\n:0\r\n:0\r\n");
}

TEST(rights_test, shows_output_only_to_those_who_control) {
  world guest{test::default_settings(), test::stranger_peer()};
  EXPECT_EQ(guest.feed("SUBSCRIBE a log:n:web\r\n"),
            no_channel + as_guest + "\r\n");
  EXPECT_EQ(guest.feed("SSUBSCRIBE a log:n:web\r\n"),
            no_channel + as_guest + "\r\n");
  for (auto pattern : {"log:*", "*", "l*", "[a-z]*", "?og:n:web"})
    EXPECT_EQ(guest.feed("PSUBSCRIBE ok* " + std::string{pattern} + "\r\n"),
              no_channel + as_guest + "\r\n")
      << pattern;
  EXPECT_FALSE(guest.uut.subscribed());
  EXPECT_TRUE(guest.feed("PSUBSCRIBE saker:*\r\n").starts_with("*3"));
  world root;
  EXPECT_TRUE(
    root.feed("PSUBSCRIBE *\r\nSUBSCRIBE log:x\r\n").starts_with("*3"));
}

TEST(rights_test, delays_the_answer_to_a_wrong_password) {
  auto config = with_any_password();
  config.auth_delay = std::chrono::milliseconds{500};
  world x{config};
  x.answers = false;
  EXPECT_EQ(x.feed("AUTH bad\r\nAUTH worse\r\nAUTH secret\r\nSVSTATUS\r\n"),
            "");
  auto first = x.take<wait>();
  EXPECT_EQ(first.delay, config.auth_delay);
  EXPECT_TRUE(x.waiting.empty()) << "one guess at a time";
  x.uut.answer(first.id, {});
  EXPECT_TRUE(x.carry_on().starts_with("-WRONGPASS"));
  auto second = x.take<wait>();
  EXPECT_TRUE(x.waiting.empty());
  x.uut.answer(second.id, {});
  auto out = x.carry_on();
  EXPECT_TRUE(out.ends_with("+OK\r\n")) << out;
  EXPECT_EQ(x.take<request>().command->name, "svstatus");
}

// -- aliases -------------------------------------------------------------------

TEST(alias_test, runs_commands_of_scripts_by_their_names) {
  world x{with_aliases()};
  std::vector<std::string> args;
  x.reply = [&](const request& asked) {
    EXPECT_EQ(asked.target, resp::target::script);
    EXPECT_EQ(asked.command, nullptr);
    args = asked.args;
    return resp::value{asked.script};
  };
  EXPECT_EQ(x.feed("DEPLOY a b\r\n"), "$10\r\ndeploy.lua\r\n");
  EXPECT_EQ(args, (std::vector<std::string>{"deploy", "a", "b"}));
  EXPECT_EQ(x.feed("CALL other c\r\n"), "$9\r\nother.lua\r\n");
  EXPECT_EQ(args, (std::vector<std::string>{"Other", "c"}));
  EXPECT_EQ(x.uut.figures(test::at(0)).command, "Other");
}

TEST(alias_test, of_another_node_are_asked_for_there) {
  world x{with_aliases()};
  request asked;
  x.reply = [&](const request& y) {
    asked = y;
    return resp::value{"hello"};
  };
  EXPECT_EQ(x.feed("EXEC Deploy@n2 a b@c\r\n"), "$5\r\nhello\r\n");
  EXPECT_EQ(asked.target, resp::target::cluster);
  ASSERT_NE(asked.command, nullptr);
  EXPECT_EQ(asked.command->name, "call");
  EXPECT_EQ(asked.args,
            (std::vector<std::string>{"call", "Deploy@n2", "a", "b@c"}));
  EXPECT_EQ(asked.user, "default");
  EXPECT_EQ(asked.rights, resp::rights::all());
  EXPECT_EQ(x.feed("CALL deploy x@n2\r\n"), "$5\r\nhello\r\n");
  EXPECT_EQ(asked.target, resp::target::script) << "one of this node";
  EXPECT_TRUE(x.feed("deploy@n2\r\n").starts_with("-ERR unknown command"));
}

TEST(alias_test, of_another_node_need_a_known_user_like_all_commands) {
  auto settings = with_aliases();
  test::set_user(settings, "default", {">secret"});
  world x{std::move(settings), test::stranger_peer()};
  EXPECT_TRUE(x.feed("CALL deploy@n2\r\n").starts_with("-NOAUTH"));
}

TEST(alias_test, checks_their_arity) {
  world x{with_aliases()};
  EXPECT_EQ(x.feed("look\r\nCALL look a b\r\n"),
            "-ERR wrong number of arguments for 'look' command\r\n"
            "-ERR wrong number of arguments for 'look' command\r\n");
}

TEST(alias_test, knows_what_was_nearly_a_command_of_ours) {
  world x{with_aliases()};
  auto text = x.feed("svstat web\r\n");
  EXPECT_TRUE(text.starts_with("-ERR unknown command 'svstat', with args "
                               "beginning with: 'web' (did you mean \""))
    << text;
  EXPECT_NE(text.find("\"SVSTATUS\""), std::string::npos) << text;
  EXPECT_EQ(x.feed("task\r\n"),
            "-ERR unknown command 'task', with args "
            "beginning with: (did you mean \"TASKS\"?)\r\n");
  // What clients of Redis try has the words of Redis.
  for (std::string name : {"GET", "SET", "DEL", "EVAL", "KEYS", "SCAN", "TYPE",
                           "LLEN", "COPY", "UNLINK", "PERSIST", "MIGRATE"})
    EXPECT_EQ(x.feed(name + "\r\n"), "-ERR unknown command '" + name
                                       + "', with args beginning with: \r\n");
}

TEST(alias_test, says_when_there_is_none) {
  world x{with_aliases()};
  EXPECT_EQ(x.feed("CALL nosuch\r\n"),
            "-NOSCRIPT no script has registered a command 'nosuch'; TASKS "
            "lists them\r\n");
  world y;
  EXPECT_TRUE(y.feed("CALL nosuch\r\n").starts_with("-NOSCRIPT"));
  EXPECT_TRUE(y.feed("deploy\r\n").starts_with("-ERR unknown command"));
}

TEST(alias_test, are_forbidden_in_the_subscribed_state_of_resp2) {
  world x{with_aliases()};
  x.feed("SUBSCRIBE a\r\n");
  EXPECT_TRUE(x.feed("look x\r\n").starts_with("-ERR Can't execute 'look'"));
}

TEST(alias_table_test, prefers_the_exact_spelling) {
  std::vector<alias> all;
  all.push_back({"Run", "1.lua", "", -1});
  all.push_back({"run", "2.lua", "", -1});
  all.push_back({"run", "3.lua", "", -1});
  all.push_back({"ping", "4.lua", "", -1});
  alias_table x{std::move(all)};
  EXPECT_EQ(x.find("Run")->script, "1.lua");
  EXPECT_EQ(x.find("run")->script, "2.lua");
  EXPECT_EQ(x.find("RUN")->script, "1.lua");
  EXPECT_EQ(x.find("ping"), nullptr) << "built-in commands win";
  EXPECT_EQ(x.find("walk"), nullptr);
  EXPECT_EQ(x.all().size(), 2u);
}

// -- while the node loads --------------------------------------------------------

struct loading_test : ::testing::Test {
  loading_test() : x(while_loading()) {
    // nop
  }

  settings while_loading() {
    auto with = with_aliases();
    with.loading = [this](resp::target what) {
      return what == resp::target::roster ? services : scripts;
    };
    return with;
  }

  static std::string first_word(const std::string& reply) {
    return reply.substr(0, reply.find(' '));
  }

  bool services = true;
  bool scripts = true;
  world x;
};

TEST_F(loading_test, answers_what_needs_no_service) {
  EXPECT_EQ(x.feed("PING\r\nECHO a\r\nPUBLISH a b\r\n"),
            "+PONG\r\n$1\r\na\r\n:0\r\n");
  for (auto text : {"INFO\r\n", "SHUTDOWN\r\n", "TASKS\r\n", "deploy\r\n",
                    "CALL deploy\r\n", "COMMAND COUNT\r\n"})
    EXPECT_NE(first_word(x.feed(text)), "-LOADING") << text;
}

TEST_F(loading_test, refuses_commands_of_services_in_words) {
  EXPECT_EQ(x.feed("SVSTATUS\r\n"),
            "-LOADING Saker is still finding out how its services stand; try "
            "again in a moment\r\n");
  for (auto text : {"SVSTART a\r\n", "SVAPPLY\r\n", "SVWAIT a running 1\r\n"})
    EXPECT_EQ(first_word(x.feed(text)), "-LOADING") << text;
  EXPECT_EQ(x.feed("MULTI\r\n"), "+OK\r\n");
  EXPECT_EQ(first_word(x.feed("SVSTATUS\r\n")), "-LOADING");
  EXPECT_EQ(first_word(x.feed("EXEC\r\n")), "-EXECABORT");
  services = false;
  EXPECT_EQ(x.feed("SVSTATUS\r\n"), "$8\r\nSVSTATUS\r\n");
}

TEST_F(loading_test, an_unknown_command_may_be_one_of_a_script) {
  EXPECT_EQ(first_word(x.feed("nosuch\r\n")), "-LOADING");
  EXPECT_EQ(first_word(x.feed("CALL nosuch\r\n")), "-LOADING");
  scripts = false;
  EXPECT_EQ(first_word(x.feed("nosuch\r\n")), "-ERR");
  EXPECT_EQ(first_word(x.feed("CALL nosuch\r\n")), "-NOSCRIPT");
}

// -- a client that subscribes to what it publishes -----------------------------

TEST(self_test, gets_the_reply_first_and_then_the_message) {
  world x;
  x.feed("HELLO 3\r\nSUBSCRIBE a\r\n");
  EXPECT_EQ(x.feed("PUBLISH a m\r\n"),
            ":1\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nm\r\n");
}

TEST(self_test, gets_no_message_after_the_confirmation_of_the_end) {
  world x;
  x.feed("HELLO 3\r\nSUBSCRIBE a\r\n");
  auto out = x.feed("PUBLISH a m\r\nUNSUBSCRIBE a\r\nPUBLISH a n\r\n");
  EXPECT_EQ(out, ":1\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nm\r\n"
                 ">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n:0\r\n");
}

// -- changes while it lasts ----------------------------------------------------

std::shared_ptr<settings> with_rules(const settings& of, std::string_view user,
                                     const std::vector<std::string>& rules) {
  auto x = std::make_shared<settings>(of);
  test::set_user(*x, user, rules);
  return x;
}

std::shared_ptr<settings> a_password(const std::string& password) {
  return with_rules(test::default_settings(), "default", {'>' + password});
}

TEST(session_test, holds_back_what_a_change_of_the_rules_is_to_meet) {
  test::world x;
  x.answers = false;
  EXPECT_EQ(x.feed("CONFIG SET requirepass x\r\nAUTH x\r\nPING\r\n"), "");
  auto change = x.take<request>();
  x.uut.use(a_password("x"));
  x.uut.answer(change.id, resp::ok());
  EXPECT_EQ(x.carry_on(), "+OK\r\n+OK\r\n+PONG\r\n");
}

TEST(session_test, keeps_those_in_who_are_in_when_a_password_is_set) {
  test::world x;
  x.uut.use(a_password("secret"));
  EXPECT_EQ(x.feed("PING\r\nRESET\r\nPING\r\nAUTH secret\r\n"),
            "+PONG\r\n+RESET\r\n-NOAUTH Authentication required.\r\n"
            "+OK\r\n");
}

settings with_bob(const std::vector<std::string>& rules) {
  auto x = test::default_settings();
  test::set_user(x, "bob", {"on", ">bobs", "+@all"});
  test::set_user(x, "bob", rules);
  return x;
}

TEST(session_test, follows_changes_of_its_user) {
  auto all = with_bob({});
  world x{all};
  x.feed("AUTH bob bobs\r\n");
  x.uut.use(with_rules(all, "bob", {"-ping", "off", "resetpass"}));
  EXPECT_EQ(x.feed("PING\r\nECHO a\r\n"),
            no_command("ping", "") + "$1\r\na\r\n");
}

TEST(session_test, ends_when_its_user_is_gone) {
  auto all = with_bob({});
  for (auto made_again : {false, true}) {
    world x{all};
    x.feed("AUTH bob bobs\r\n");
    auto users = std::make_shared<acl::user_list>(*all.users);
    users->erase("bob");
    if (made_again) {
      EXPECT_TRUE(users->change("bob", std::vector<std::string>{"on"}));
    }
    auto next = std::make_shared<settings>(all);
    next->users = users;
    x.uut.use(next);
    x.carry_on();
    EXPECT_TRUE(x.cut_off);
    EXPECT_EQ(x.reason, "its user was deleted");
  }
}

TEST(session_test, answers_who_deleted_itself) {
  auto all = with_bob({});
  world x{all};
  x.feed("AUTH bob bobs\r\n");
  x.answers = false;
  x.feed("CONFIG SET timeout 1\r\nPING\r\n");
  auto change = x.take<request>();
  auto next = std::make_shared<settings>(all);
  next->users = test::default_settings().users;
  x.uut.use(next);
  x.uut.answer(change.id, resp::ok());
  x.answers = true;
  EXPECT_EQ(x.carry_on(), "+OK\r\n");
  EXPECT_TRUE(x.closed);
}

TEST(session_test, ends_when_a_channel_is_revoked_that_it_listens_to) {
  auto all = with_bob({"&a*", "&b"});
  struct row {
    const char* command;
    std::vector<std::string> rules;
    bool ends;
  };
  const row rows[]{
    {"SUBSCRIBE a1", {"resetchannels", "&a*"}, false},
    {"SUBSCRIBE a1", {"allchannels"}, false},
    {"SUBSCRIBE a1", {"resetchannels", "&b"}, true},
    {"SUBSCRIBE a1 b", {"resetchannels", "&a*"}, true},
    {"SUBSCRIBE b", {"resetchannels", "(&b)"}, false},
    {"SSUBSCRIBE a1", {"resetchannels"}, true},
    {"PSUBSCRIBE a*", {"resetchannels", "&a*"}, false},
    {"PSUBSCRIBE b", {"resetchannels", "&b*"}, true},
    {"PING", {"resetchannels"}, false},
  };
  for (auto& row : rows) {
    world x{all};
    x.feed("AUTH bob bobs\r\n" + std::string{row.command} + "\r\n");
    x.uut.use(with_rules(all, "bob", row.rules));
    x.carry_on();
    EXPECT_EQ(x.cut_off, row.ends) << row.command;
  }
}

TEST(session_test, lets_the_owner_keep_all_rights_on_the_unix_socket) {
  auto all = test::default_settings();
  test::set_user(all, "default", {"reset"});
  auto who = test::root_peer();
  who.via_unix = true;
  world x{all, who};
  EXPECT_EQ(x.feed("ACL WHOAMI\r\nSVSTOP a\r\n"),
            "$7\r\ndefault\r\n$6\r\nSVSTOP\r\n");
  x.uut.use(with_rules(all, "default", {"off"}));
  EXPECT_EQ(x.feed("PING\r\n"), "+PONG\r\n");
  world y{all};
  EXPECT_EQ(y.feed("PING\r\n"), "-NOAUTH Authentication required.\r\n");
}

TEST(session_test, keeps_a_guest_out_who_is_off) {
  auto all = test::default_settings();
  test::set_user(all, "guest", {"off"});
  world x{all, test::stranger_peer()};
  EXPECT_EQ(x.feed("PING\r\n"), "-NOAUTH Authentication required.\r\n");
}

TEST(session_test, notes_what_it_denies) {
  auto all = with_bob({"-ping", "&a"});
  all.denials = std::make_shared<acl::denial_log>();
  world x{all};
  x.feed("AUTH bob wrong\r\nAUTH bob bobs\r\nPING\r\nPUBLISH b m\r\n"
         "MULTI\r\nPING\r\n");
  auto found = all.denials->newest();
  ASSERT_EQ(found.size(), 4u);
  std::string text;
  for (auto& y : found)
    text += std::string{y.reason} + ' ' + std::string{y.context} + ' '
            + y.object + ' ' + y.user + '\n';
  EXPECT_EQ(text, "command multi ping bob\nchannel toplevel b bob\n"
                  "command toplevel ping bob\nauth toplevel auth bob\n");
  EXPECT_TRUE(found[0].client.starts_with("id=7 addr=127.0.0.1:4711"))
    << found[0].client;
}

TEST(session_test, lets_those_in_who_wait_when_a_password_is_taken_away) {
  test::world x{*a_password("secret")};
  EXPECT_EQ(x.feed("PING\r\n"), "-NOAUTH Authentication required.\r\n");
  x.uut.use(with_rules(test::default_settings(), "default", {}));
  EXPECT_EQ(x.feed("PING\r\n"), "+PONG\r\n");
}

TEST(session_test, takes_other_limits_at_once) {
  test::world x;
  auto next = std::make_shared<settings>(test::default_settings());
  next->requests.bulk = 3;
  x.uut.use(next);
  EXPECT_EQ(x.feed("*2\r\n$4\r\n"),
            "-ERR Protocol error: invalid bulk length\r\n");
}

} // namespace
} // namespace saker::session

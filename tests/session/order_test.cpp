#include "session/session.hpp"
#include "tests/session/aliases.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

#include <random>

namespace saker::session {
namespace {

using test::with_aliases;
using test::world;

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

} // namespace
} // namespace saker::session

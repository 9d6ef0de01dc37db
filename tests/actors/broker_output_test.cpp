#include "actors/broker.hpp"
#include "tests/support/actor_test.hpp"

namespace saker {
namespace {

using pubsub::topic_change;
using session::subscription_kind;

subscriber_actor::behavior_type
collecting_subscriber(subscriber_actor::pointer, std::string* got) {
  return {
    [got](atom::deliver, const frame_list& frames) {
      for (auto& x : frames)
        *got += *x;
    },
    [](atom::report, session::request_id, const receiver_counts&) {},
    [](atom::report, session::request_id) {},
  };
}

class broker_output_test : public test::actor_test {
protected:
  broker_output_test() {
    broker_links links;
    links.figures = &figures;
    links.log_interest = [this](const topic_change& x) { told.push_back(x); };
    uut = spawn(broker, links);
    who = spawn(collecting_subscriber, &got);
  }

  void subscribe(subscription_kind kind, const std::string& name) {
    tell(uut, atom::subscribe_v, who,
         session::subscribe{kind, {name}, resp::protocol::resp3});
  }

  node_figures figures;
  std::vector<topic_change> told;
  std::string got;
  broker_actor uut;
  subscriber_actor who;
};

TEST_F(broker_output_test, tells_when_somebody_wants_output_and_when_nobody) {
  subscribe(subscription_kind::channel, "news");
  EXPECT_TRUE(told.empty());
  subscribe(subscription_kind::channel, "log:n1:web");
  subscribe(subscription_kind::pattern, "log:*");
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0],
            (topic_change{subscription_kind::channel, "log:n1:web", true}));
  tell(uut, atom::subscribe_v, who,
       session::unsubscribe{1, subscription_kind::pattern, {"log:*"}});
  ASSERT_EQ(told.size(), 3u);
  EXPECT_FALSE(told[2].wanted);
}

TEST_F(broker_output_test, tells_when_the_last_one_ends) {
  subscribe(subscription_kind::channel, "log:n1:web");
  caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  settle();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_FALSE(told[1].wanted);
}

TEST_F(broker_output_test, delivers_many_lines_in_order) {
  subscribe(subscription_kind::channel, "log:n1:web");
  session::publish_batch lines;
  lines.add("log:n1:web", "one");
  lines.add("log:n1:web", std::string_view{"\0\n", 2});
  lines.add("log:n1:db", "not this");
  tell(uut, atom::emit_v, lines);
  auto frame = [](std::string_view text) {
    return ">3\r\n$7\r\nmessage\r\n$10\r\nlog:n1:web\r\n$"
           + std::to_string(text.size()) + "\r\n" + std::string{text} + "\r\n";
  };
  EXPECT_EQ(got, frame("one") + frame({"\0\n", 2}));
}

} // namespace
} // namespace saker

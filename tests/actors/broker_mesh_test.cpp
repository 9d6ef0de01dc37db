#include "actors/broker.hpp"
#include "tests/support/actor_test.hpp"

namespace saker {
namespace {

using pubsub::interest;
using session::subscription_kind;
using words = std::vector<std::string>;

constexpr auto channel = subscription_kind::channel;
constexpr auto pattern = subscription_kind::pattern;
constexpr auto shard = subscription_kind::shard;

struct subscriber_record {
  std::string got;
  std::vector<std::int64_t> counts;
};

subscriber_actor::behavior_type
subscriber(subscriber_actor::pointer, subscriber_record* to) {
  return {
    [to](atom::deliver, const frame_list& frames) {
      for (auto& x : frames)
        to->got += *x;
    },
    [to](atom::report, session::request_id, const receiver_counts& x) {
      to->counts.insert(to->counts.end(), x.begin(), x.end());
    },
    [](atom::report, session::request_id) {},
  };
}

struct far_record {
  std::vector<interest> heard;
  words messages;
};

mesh_actor::behavior_type far_node(mesh_actor::pointer, far_record* to) {
  return {
    [to](atom::change, const interest& x) { to->heard.push_back(x); },
    [to](atom::publish, const session::publish_batch& x) {
      x.for_each([&](session::publish_batch::message m) {
        to->messages.push_back((m.kind == shard ? "shard " : "")
                               + std::string{m.channel} + '='
                               + std::string{m.payload});
      });
    },
  };
}

class broker_mesh_test : public test::actor_test {
protected:
  broker_mesh_test() {
    broker_links links;
    links.figures = &figures;
    links.interest = 3;
    links.log_interest = [this](const pubsub::topic_change& x) {
      output.push_back((x.wanted ? "+" : "-") + x.name);
    };
    uut = spawn(broker, links);
    who = spawn(subscriber, &mine);
    a = spawn(far_node, &at_a);
    b = spawn(far_node, &at_b);
  }

  void subscribe(subscription_kind kind, const std::string& name) {
    tell(uut, atom::subscribe_v, who,
         session::subscribe{kind, {name}, resp::protocol::resp3});
  }

  void unsubscribe(subscription_kind kind, const std::string& name) {
    tell(uut, atom::subscribe_v, who, session::unsubscribe{1, kind, {name}});
  }

  void wants(const mesh_actor& x, const std::string& name, std::uint64_t n) {
    tell(uut, atom::change_v, x, interest{false, false, {{channel, name, n}}});
  }

  void publish(words payloads, const std::string& name = "c") {
    session::publish_batch x{1};
    for (auto& text : payloads)
      x.add(name, text);
    tell(uut, atom::publish_v, who, x);
  }

  node_figures figures;
  subscriber_record mine;
  far_record at_a, at_b;
  words output; ///< of children that is wanted, or not any more
  mesh_broker_actor uut;
  subscriber_actor who;
  mesh_actor a, b;
};

TEST_F(broker_mesh_test, tells_a_new_node_who_listens_then_what_changes) {
  subscribe(channel, "c");
  tell(uut, atom::attach_v, a);
  ASSERT_EQ(at_a.heard.size(), 1u);
  EXPECT_EQ(at_a.heard[0], (interest{true, false, {{channel, "c", 1}}}));
  subscribe(pattern, "p*");
  subscribe(pattern, "p*"); // nothing new
  unsubscribe(channel, "c");
  ASSERT_EQ(at_a.heard.size(), 3u);
  EXPECT_EQ(at_a.heard[1], (interest{false, false, {{pattern, "p*", 1}}}));
  EXPECT_EQ(at_a.heard[2], (interest{false, false, {{channel, "c", 0}}}));
}

TEST_F(broker_mesh_test, carries_shards_beside_channels) {
  subscribe(shard, "c");
  tell(uut, atom::attach_v, a);
  EXPECT_EQ(at_a.heard[0], (interest{true, false, {{shard, "c", 1}}}));
  EXPECT_EQ(figures.shards.get(), 1);
  tell(uut, atom::change_v, a, interest{false, false, {{shard, "c", 2}}});
  session::publish_batch batch{1};
  batch.add("c", "x", shard);
  batch.add("c", "y");
  tell(uut, atom::publish_v, who, batch);
  EXPECT_EQ(mine.counts, (std::vector<std::int64_t>{3, 0}));
  EXPECT_EQ(at_a.messages, words{"shard c=x"});
  mine.got.clear();
  tell(uut, atom::deliver_v, batch); // from there, for who listens here
  EXPECT_EQ(mine.got, ">3\r\n$8\r\nsmessage\r\n$1\r\nc\r\n$1\r\nx\r\n");
}

TEST_F(broker_mesh_test, tells_when_a_subscriber_ends) {
  subscribe(channel, "c");
  tell(uut, atom::attach_v, a);
  caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  settle();
  EXPECT_EQ(at_a.heard.back(), (interest{false, false, {{channel, "c", 0}}}));
}

TEST_F(broker_mesh_test, asks_for_everything_beyond_its_bound) {
  tell(uut, atom::attach_v, a);
  for (auto x : {"1", "2", "3", "4", "5"})
    subscribe(channel, x);
  EXPECT_EQ(at_a.heard.back(), (interest{true, true, {}}));
  EXPECT_EQ(at_a.heard.size(), 5u) << "and says no more";
  for (auto x : {"1", "2", "3"})
    unsubscribe(channel, x);
  EXPECT_EQ(at_a.heard.size(), 5u);
  unsubscribe(channel, "4");
  EXPECT_EQ(at_a.heard.back(), (interest{true, false, {{channel, "5", 1}}}));
}

TEST_F(broker_mesh_test, sends_messages_only_where_somebody_listens) {
  tell(uut, atom::attach_v, a);
  tell(uut, atom::attach_v, b);
  wants(a, "c", 2);
  subscribe(channel, "c");
  publish({"1", "2"});
  EXPECT_EQ(at_a.messages, (words{"c=1", "c=2"}));
  EXPECT_TRUE(at_b.messages.empty());
  EXPECT_EQ(mine.counts, (std::vector<std::int64_t>{3, 3}));
  publish({"3"}, "other");
  EXPECT_EQ(at_a.messages.size(), 2u);
  EXPECT_EQ(mine.counts.back(), 0);
}

TEST_F(broker_mesh_test, sends_events_of_its_own_too) {
  tell(uut, atom::attach_v, a);
  wants(a, "saker:m:web:exit", 1);
  tell(uut, atom::emit_v, std::string{"saker:m:web:exit"}, share("{}"));
  EXPECT_EQ(at_a.messages, words{"saker:m:web:exit={}"});
}

TEST_F(broker_mesh_test, output_is_wanted_while_anybody_listens_anywhere) {
  tell(uut, atom::attach_v, a);
  wants(a, "log:m:web", 1);
  EXPECT_EQ(output, words{"+log:m:web"});
  subscribe(channel, "log:m:web");
  wants(a, "log:m:web", 0);
  EXPECT_EQ(output, words{"+log:m:web"}) << "somebody listens here";
  unsubscribe(channel, "log:m:web");
  EXPECT_EQ(output, (words{"+log:m:web", "-log:m:web"}));
  wants(a, "log:m:web", 1);
  caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  settle();
  EXPECT_EQ(output,
            (words{"+log:m:web", "-log:m:web", "+log:m:web", "-log:m:web"}));
}

TEST_F(broker_mesh_test, lines_of_children_go_where_somebody_listens) {
  tell(uut, atom::attach_v, a);
  tell(uut, atom::attach_v, b);
  wants(a, "log:m:web", 1);
  session::publish_batch lines;
  lines.add("log:m:web", "one");
  tell(uut, atom::emit_v, lines);
  EXPECT_EQ(at_a.messages, words{"log:m:web=one"});
  EXPECT_TRUE(at_b.messages.empty());
}

TEST_F(broker_mesh_test, keeps_what_comes_from_afar_to_itself) {
  tell(uut, atom::attach_v, a);
  tell(uut, atom::attach_v, b);
  wants(b, "c", 1);
  subscribe(channel, "c");
  session::publish_batch x;
  x.add("c", "hi");
  tell(uut, atom::deliver_v, x);
  EXPECT_NE(mine.got.find("hi"), std::string::npos);
  EXPECT_TRUE(at_b.messages.empty());
}

TEST_F(broker_mesh_test, forgets_a_node_that_is_gone) {
  tell(uut, atom::attach_v, a);
  wants(a, "c", 2);
  caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  settle();
  publish({"1"});
  EXPECT_EQ(mine.counts, std::vector<std::int64_t>{0});
  EXPECT_TRUE(at_a.messages.empty());
  wants(a, "c", 2); // late news of the dead
  publish({"1"});
  EXPECT_EQ(mine.counts.back(), 0);
}

} // namespace
} // namespace saker

#include "cluster/membership.hpp"

#include <gtest/gtest.h>

namespace saker::cluster {
namespace {

using namespace std::chrono_literals;

using addresses = std::vector<std::string>;

class membership_test : public ::testing::Test {
protected:
  membership_test() {
    at.now += 1h;
    at.unix_ms = 1000;
  }

  hello from(const std::string& name, const std::string& life = "1",
             std::vector<known_node> members = {}) {
    return {protocol_version, name, name + life, name + ":1",
            std::move(members)};
  }

  /// A link by which `name` joins.
  link_id join(const std::string& name) {
    auto id = ++last;
    EXPECT_TRUE(uut.greeted(id, from(name), false, name + ":9", at).welcome);
    uut.joined(id, at);
    return id;
  }

  void pass(duration x) {
    at.now += x;
    at.unix_ms += x / 1ms;
  }

  instant at;
  link_id last = 100;
  membership uut{{"m", "m-life", "m:1"}, {"s:1"}, time_point{}};
};

TEST_F(membership_test, dials_its_seeds_until_they_answer) {
  EXPECT_EQ(uut.due(at.now), addresses{"s:1"});
  EXPECT_EQ(uut.due(at.now), addresses{});
  EXPECT_FALSE(uut.next_due());
  EXPECT_TRUE(uut.failed("s:1", "refused", at));
  EXPECT_EQ(uut.due(at.now), addresses{});
  EXPECT_EQ(*uut.next_due(), at.now + 200ms);
  pass(200ms);
  EXPECT_EQ(uut.due(at.now), addresses{"s:1"});
  EXPECT_FALSE(uut.failed("s:1", "refused", at)) << "no news";
  EXPECT_EQ(*uut.next_due(), at.now + 400ms);
  for (auto i = 0; i < 20; ++i) {
    pass(5s);
    uut.due(at.now);
    uut.failed("s:1", "refused", at);
  }
  EXPECT_EQ(*uut.next_due(), at.now + 5s);
}

TEST_F(membership_test, dials_nobody_it_has_a_link_to) {
  uut.due(at.now);
  auto x = uut.greeted(1, from("s"), true, "s:1", at);
  EXPECT_TRUE(x.welcome);
  uut.joined(1, at);
  pass(1h);
  EXPECT_EQ(uut.due(at.now), addresses{});
  EXPECT_EQ(uut.lost(1, "cut", at), "s");
  pass(300ms);
  EXPECT_EQ(uut.due(at.now), addresses{"s:1"});
}

TEST_F(membership_test, tells_whom_it_knows_and_learns_from_others) {
  join("a");
  EXPECT_EQ(uut.greeting().members, (std::vector<known_node>{{"a", "a:1"}}));
  EXPECT_TRUE(
    uut
      .greeted(2, from("b", "1", {{"c", "c:1"}, {"m", "m:7"}, {"a", "a:1"}}),
               false, "b:9", at)
      .welcome);
  ASSERT_TRUE(uut.find("c"));
  EXPECT_EQ(uut.find("c")->state, node_state::dead);
  EXPECT_EQ(uut.due(at.now), (addresses{"c:1", "s:1"}));
}

TEST_F(membership_test, forgets_an_address_that_is_its_own) {
  uut.due(at.now);
  auto me = from("m");
  me.incarnation = "m-life";
  auto x = uut.greeted(1, me, true, "s:1", at);
  EXPECT_FALSE(x.welcome);
  EXPECT_EQ(x.reason, "");
  pass(1h);
  EXPECT_EQ(uut.due(at.now), addresses{});
}

TEST_F(membership_test, refuses_a_second_node_of_the_same_name) {
  auto x = uut.greeted(1, from("m"), false, "x:9", at);
  EXPECT_FALSE(x.welcome);
  EXPECT_NE(x.reason.find("is called \"m\" too"), std::string::npos);
}

TEST_F(membership_test, refuses_other_versions_by_number) {
  auto other = from("b");
  other.protocol = 7;
  auto x = uut.greeted(1, other, false, "b:9", at);
  EXPECT_FALSE(x.welcome);
  EXPECT_NE(x.reason.find("version 7"), std::string::npos);
  EXPECT_FALSE(uut.find("b"));
}

TEST_F(membership_test, keeps_the_link_that_the_smaller_name_dialled) {
  // "b" < "m": what b dials stays, whichever comes first.
  EXPECT_TRUE(uut.greeted(1, from("b"), false, "b:9", at).welcome);
  auto mine = uut.greeted(2, from("b"), true, "b:1", at);
  EXPECT_FALSE(mine.welcome);
  EXPECT_EQ(mine.reason, "");
  EXPECT_EQ(uut.link_to("b"), 1u);
  // "z" > "m": what we dial stays.
  EXPECT_TRUE(uut.greeted(3, from("z"), false, "z:9", at).welcome);
  auto dialled = uut.greeted(4, from("z"), true, "z:1", at);
  EXPECT_TRUE(dialled.welcome);
  EXPECT_EQ(dialled.instead_of, 3u);
  EXPECT_EQ(uut.link_to("z"), 4u);
  EXPECT_FALSE(uut.lost(3, "replaced", at)) << "it is not the link in use";
}

TEST_F(membership_test, takes_the_later_of_two_links_of_one_dialler) {
  EXPECT_TRUE(uut.greeted(1, from("b"), false, "b:9", at).welcome);
  EXPECT_EQ(uut.greeted(2, from("b"), false, "b:9", at).instead_of, 1u);
}

TEST_F(membership_test, takes_a_new_life_for_an_old_one) {
  EXPECT_TRUE(uut.greeted(1, from("b", "1"), false, "b:9", at).welcome);
  auto x = uut.greeted(2, from("b", "2"), true, "b:1", at);
  EXPECT_TRUE(x.welcome);
  EXPECT_EQ(x.instead_of, 1u);
}

TEST_F(membership_test, says_since_when_and_why_a_node_is_dead) {
  auto id = join("a");
  pass(5s);
  EXPECT_EQ(uut.find("a")->since, 1000);
  EXPECT_EQ(uut.lost(id, "cut", at), "a");
  EXPECT_EQ(uut.find("a")->state, node_state::dead);
  EXPECT_EQ(uut.find("a")->since, 6000);
  EXPECT_EQ(uut.find("a")->reason, "cut");
  EXPECT_EQ(uut.link_to("a"), 0u);
  pass(1s);
  uut.due(at.now);
  uut.failed("a:1", "refused", at);
  EXPECT_EQ(uut.find("a")->since, 6000) << "dead since it was lost";
  EXPECT_EQ(uut.find("a")->reason, "refused");
}

TEST_F(membership_test, suspects_who_does_not_answer) {
  auto id = join("a");
  uut.answered(id, 3ms, at.now);
  EXPECT_EQ(uut.find("a")->rtt, 3ms);
  uut.late(id);
  EXPECT_EQ(uut.find("a")->state, node_state::suspect);
  uut.answered(id, 2ms, at.now);
  EXPECT_EQ(uut.find("a")->state, node_state::up);
}

TEST_F(membership_test, does_not_dial_who_said_goodbye) {
  auto id = join("a");
  uut.said_goodbye(id);
  uut.lost(id, "closed", at);
  EXPECT_EQ(uut.find("a")->state, node_state::left);
  pass(1h);
  EXPECT_EQ(uut.due(at.now), addresses{"s:1"});
  join("a");
  EXPECT_EQ(uut.find("a")->state, node_state::up);
}

TEST_F(membership_test, goes_on_dialling_seeds_that_left) {
  uut.due(at.now);
  uut.greeted(1, from("s"), true, "s:1", at);
  uut.joined(1, at);
  uut.said_goodbye(1);
  uut.lost(1, "closed", at);
  pass(1s);
  EXPECT_EQ(uut.due(at.now), addresses{"s:1"});
}

TEST_F(membership_test, follows_a_node_that_moves) {
  auto id = join("a");
  uut.lost(id, "cut", at);
  auto moved = from("a", "2");
  moved.address = "a:2";
  EXPECT_TRUE(uut.greeted(7, moved, false, "a:9", at).welcome);
  uut.lost(7, "cut", at);
  pass(1h);
  EXPECT_EQ(uut.due(at.now), (addresses{"a:2", "s:1"}));
}

TEST_F(membership_test, knows_where_the_name_of_a_host_led_to) {
  membership named{{"m", "m-life", "m:1"}, {"db.example:7"}, time_point{}};
  EXPECT_EQ(named.due(at.now), addresses{"db.example:7"});
  auto x = from("a");
  x.address = "0.0.0.0:7";
  EXPECT_TRUE(
    named.greeted(1, x, true, "db.example:7", at, "10.0.0.9:7").welcome);
  named.joined(1, at);
  EXPECT_EQ(named.find("a")->address, "10.0.0.9:7") << "others are told this";
  EXPECT_TRUE(named.is_seed("a"));
  named.lost(1, "cut", at);
  pass(1h);
  EXPECT_EQ(named.due(at.now), addresses{"db.example:7"}) << "it is one node";
  named.failed("db.example:7", "look up db.example: no such host", at);
  pass(1h);
  EXPECT_EQ(named.due(at.now), (addresses{"10.0.0.9:7", "db.example:7"}))
    << "the name leads nowhere, but where it was last may do";
}

TEST(is_named_test, tells_names_from_numbers) {
  EXPECT_TRUE(is_named("db1.example:7"));
  EXPECT_TRUE(is_named("localhost:7"));
  EXPECT_TRUE(is_named("7up:7"));
  EXPECT_FALSE(is_named("10.0.0.1:7"));
  EXPECT_FALSE(is_named("[::1]:7"));
}

TEST_F(membership_test, knows_what_a_node_said_of_itself) {
  auto x = from("a");
  x.version = "1.2.3";
  x.pid = 17;
  x.started = 900;
  EXPECT_TRUE(uut.greeted(1, x, true, "a:1", at).welcome);
  uut.joined(1, at);
  auto& seen = *uut.find("a");
  EXPECT_TRUE(seen.dialled);
  EXPECT_EQ(seen.version, "1.2.3");
  EXPECT_EQ(seen.pid, 17);
  EXPECT_EQ(seen.started, 900);
  EXPECT_FALSE(seen.heard);
  uut.answered(1, 3ms, at.now);
  EXPECT_EQ(seen.heard, at.now);
  uut.lost(1, "cut", at);
  EXPECT_FALSE(seen.heard);
  EXPECT_EQ(seen.pid, 17) << "who it was";
}

TEST_F(membership_test, forgets_a_node_that_was_learned_and_is_gone) {
  auto id = join("a");
  auto living = uut.forget("a");
  ASSERT_FALSE(living);
  EXPECT_EQ(living.error().code, errc::refused);
  EXPECT_NE(living.error().detail.find("\"a\" is up"), std::string::npos);
  uut.lost(id, "cut", at);
  pass(1s);
  EXPECT_EQ(uut.due(at.now), (addresses{"a:1", "s:1"}));
  EXPECT_TRUE(uut.forget("a"));
  EXPECT_FALSE(uut.find("a"));
  EXPECT_FALSE(uut.failed("a:1", "refused", at)) << "it was being dialled";
  uut.failed("s:1", "refused", at);
  pass(1h);
  EXPECT_EQ(uut.due(at.now), addresses{"s:1"});
  auto again = uut.forget("a");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, errc::no_such_node);
  join("a");
  EXPECT_EQ(uut.find("a")->state, node_state::up) << "it came back by itself";
}

TEST_F(membership_test, forgets_who_left_but_nobody_it_has_to_join) {
  auto id = join("a");
  uut.said_goodbye(id);
  uut.lost(id, "closed", at);
  EXPECT_TRUE(uut.forget("a"));
  uut.due(at.now);
  EXPECT_TRUE(uut.greeted(1, from("s"), true, "s:1", at).welcome);
  uut.joined(1, at);
  uut.lost(1, "cut", at);
  auto seed = uut.forget("s");
  ASSERT_FALSE(seed);
  EXPECT_EQ(seed.error().code, errc::refused);
  EXPECT_NE(seed.error().detail.find("join"), std::string::npos);
  EXPECT_TRUE(uut.find("s"));
}

TEST_F(membership_test, has_a_largest_size) {
  for (std::size_t i = 1; i < most_nodes; ++i)
    join("n" + std::to_string(i));
  auto x = uut.greeted(1, from("late"), false, "l:9", at);
  EXPECT_FALSE(x.welcome);
  EXPECT_NE(x.reason.find("256 nodes"), std::string::npos);
  EXPECT_EQ(uut.members().size(), most_nodes - 1);
}

TEST(reachable_address_test, fills_in_whence_a_node_came) {
  EXPECT_EQ(reachable_address("0.0.0.0:7", "10.0.0.2:4711"), "10.0.0.2:7");
  EXPECT_EQ(reachable_address("[::]:7", "[fe80::1]:4711"), "[fe80::1]:7");
  EXPECT_EQ(reachable_address("10.0.0.3:7", "10.0.0.2:4711"), "10.0.0.3:7");
}

// -- hello ----------------------------------------------------------------------

constexpr auto now = protocol_version;

TEST(hello_test, comes_back_as_it_was) {
  hello x{now, "a", "0f", "10.0.0.1:7", {{"b", "10.0.0.2:7"}}, "1.0.0", 5, 7};
  auto y = parse_hello(encode(x));
  ASSERT_TRUE(y);
  EXPECT_EQ(*y, x);
}

TEST(hello_test, refuses_what_is_cut_or_strange) {
  auto text = encode({now, "a", "0f", "10.0.0.1:7", {{"b", "10.0.0.2:7"}}});
  for (std::size_t i = 0; i < text.size(); ++i)
    EXPECT_FALSE(parse_hello(text.substr(0, i))) << i;
  EXPECT_FALSE(parse_hello("*2\r\n$3\r\nGET\r\n:1\r\n"));
  EXPECT_FALSE(parse_hello(encode({now, "a b", "0f", "x:1", {}})));
  EXPECT_FALSE(parse_hello(encode({now, "a", "", "x:1", {}})));
  EXPECT_FALSE(parse_hello(encode({now, "a", "1", std::string(200, 'x'), {}})));
}

TEST(hello_test, reads_one_that_says_less_or_more) {
  auto text = "*6\r\n$13\r\nsaker-cluster\r\n:" + std::to_string(now)
              + "\r\n$1\r\na\r\n$2\r\n0f\r\n$5\r\nx:107\r\n*0\r\n";
  auto less = parse_hello(text);
  ASSERT_TRUE(less);
  EXPECT_EQ(less->version, "");
  EXPECT_EQ(less->pid, 0);
  text.replace(0, 2, "*10");
  text += "$5\r\n1.0.0\r\n:5\r\n:7\r\n$5\r\nlater\r\n";
  auto more = parse_hello(text);
  ASSERT_TRUE(more);
  EXPECT_EQ(more->version, "1.0.0");
  EXPECT_EQ(more->started, 7);
}

TEST(hello_test, tells_another_version_whatever_follows) {
  auto other = std::to_string(now + 1);
  auto x
    = parse_hello("*3\r\n$13\r\nsaker-cluster\r\n:" + other + "\r\n:9\r\n");
  ASSERT_TRUE(x);
  EXPECT_EQ(x->protocol, now + 1);
}

} // namespace
} // namespace saker::cluster

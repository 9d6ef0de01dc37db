#include "actors/cluster.hpp"

#include "tests/support/cluster_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using cluster_test = test::cluster_world;

TEST_F(cluster_test, does_nothing_before_it_is_started) {
  advance(1h);
  EXPECT_EQ(listened, 0);
  EXPECT_TRUE(tunnels.empty());
}

TEST_F(cluster_test, dials_and_tries_again) {
  tell(uut, atom::start_v);
  ASSERT_EQ(tunnels.size(), 1u);
  EXPECT_EQ(tunnels[0]->where, "s:1");
  auto mine = cluster::parse_hello(tunnels[0]->hello);
  ASSERT_TRUE(mine);
  EXPECT_EQ(mine->name, "m");
  cut(tunnels[0], "connect to s:1: Connection refused");
  advance(199ms);
  EXPECT_EQ(tunnels.size(), 1u);
  advance(1ms);
  ASSERT_EQ(tunnels.size(), 2u);
  EXPECT_EQ(warned.size(), 1u);
  cut(tunnels[1], "connect to s:1: Connection refused");
  advance(10s);
  EXPECT_EQ(warned.size(), 1u) << "it was said before";
}

TEST_F(cluster_test, listens_later_if_it_cannot_now) {
  deaf = true;
  tell(uut, atom::start_v);
  advance(3s);
  EXPECT_GE(listened, 3);
  EXPECT_EQ(warned.size(), 1u);
  deaf = false;
  advance(1s);
  auto before = listened;
  EXPECT_TRUE(accepting.accepted);
  advance(1min);
  EXPECT_EQ(listened, before);
}

TEST_F(cluster_test, spawns_a_peer_for_a_node_that_is_welcome) {
  tell(uut, atom::start_v);
  greet(tunnels[0], hello("s"));
  ASSERT_EQ(peers.size(), 1u);
  EXPECT_EQ(peers[0]->how.name, "s");
  EXPECT_TRUE(peers[0]->how.dialled);
  EXPECT_TRUE(tunnels[0]->joined);
  EXPECT_EQ(state_of("s"), "dead") << "it carries nothing yet";
  tell(uut, atom::open_v, peers[0]->how.link);
  EXPECT_EQ(state_of("s"), "up");
}

TEST_F(cluster_test, introduces_its_peer_to_the_one_that_dialled) {
  greet(somebody_connects(), hello("a"));
  auto me = caf::actor_cast<caf::strong_actor_ptr>(self);
  auto x = ask<caf::strong_actor_ptr>(uut, atom::greet_v, std::string{"a"}, me);
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, caf::actor_cast<caf::strong_actor_ptr>(peers[0]->actor));
  EXPECT_EQ(peers[0]->other, me);
  peers[0]->other = nullptr;
  EXPECT_FALSE(
    ask<caf::strong_actor_ptr>(uut, atom::greet_v, std::string{"b"}, me));
}

TEST_F(cluster_test, refuses_strangers_and_says_so_once) {
  greet(somebody_connects(), "GET / HTTP/1.1");
  EXPECT_TRUE(tunnels.back()->closed);
  greet(somebody_connects(),
        cluster::encode({cluster::protocol_version, "m", "2", "m:2", {}}));
  EXPECT_TRUE(tunnels.back()->closed);
  EXPECT_TRUE(peers.empty());
  EXPECT_EQ(warned.size(), 1u);
  advance(10s);
  greet(somebody_connects(), "x");
  EXPECT_EQ(warned.size(), 2u);
}

TEST_F(cluster_test, holds_no_more_than_some_strangers) {
  for (auto i = 0; i < 100; ++i)
    somebody_connects();
  EXPECT_EQ(tunnels.size(), 64u);
  cut(tunnels[0], "silent");
  somebody_connects();
  EXPECT_EQ(tunnels.size(), 65u);
}

TEST_F(cluster_test, keeps_one_of_two_links) {
  // "z" dialled, then so do we: ours stays, once the other one is forgotten.
  greet(somebody_connects(), hello("z", {{"s", "s:1"}}));
  auto first = peers.at(0);
  tell(uut, atom::start_v);
  greet(tunnels.back(), hello("z"));
  EXPECT_EQ(first->closed.size(), 1u);
  EXPECT_TRUE(tunnels[0]->closed);
  ASSERT_EQ(peers.size(), 2u);
  EXPECT_TRUE(peers[1]->how.dialled);
  // "a" dialled: what we dial is one too many.
  greet(somebody_connects(), hello("a"));
  auto count = peers.size();
  EXPECT_EQ(count, 3u);
}

TEST_F(cluster_test, tells_the_peer_when_its_link_is_cut) {
  tell(uut, atom::start_v);
  auto a = node("a");
  cut(tunnels.back(), "hear a:1: nothing for 5000 ms");
  EXPECT_EQ(a->closed, std::vector<std::string>{"hear a:1: nothing for "
                                                "5000 ms"});
  EXPECT_EQ(state_of("a"), "dead");
  advance(200ms);
  EXPECT_EQ(tunnels.back()->where, "a:1") << "it is looked for";
}

TEST_F(cluster_test, closes_a_link_that_its_peer_gives_up) {
  auto a = node("a");
  auto link = tunnels.back();
  tell(uut, atom::closed_v, a->how.link, std::string{"it did not join"});
  EXPECT_TRUE(link->closed);
  EXPECT_EQ(state_of("a"), "dead");
}

TEST_F(cluster_test, closes_a_link_whose_peer_ends) {
  auto a = node("a");
  auto link = tunnels.back();
  caf::anon_send_exit(a->actor, caf::exit_reason::kill);
  settle();
  EXPECT_TRUE(link->closed);
  EXPECT_EQ(state_of("a"), "dead");
}

TEST_F(cluster_test, says_good_bye_before_it_leaves) {
  auto a = node("a");
  tell(uut, atom::finish_v);
  EXPECT_TRUE(a->goodbye);
  EXPECT_EQ(left, 0);
  advance(100ms);
  EXPECT_EQ(left, 1);
}

TEST_F(cluster_test, leaves_at_once_when_it_is_alone) {
  tell(uut, atom::finish_v);
  EXPECT_EQ(left, 1);
}

TEST_F(cluster_test, knows_who_left_by_itself) {
  auto a = node("a");
  tell(uut, atom::stop_v, a->how.link);
  cut(tunnels.back(), "it closed the connection");
  EXPECT_EQ(state_of("a"), "left");
}

} // namespace
} // namespace saker

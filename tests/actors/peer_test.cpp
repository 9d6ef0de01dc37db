#include "cluster/wire.hpp"
#include "resp/command_table.hpp"
#include "tests/support/peer_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;
using words = std::vector<std::string>;

using peer_test = test::peer_world;

TEST_F(peer_test, finds_the_other_side_when_it_dialled) {
  begin();
  EXPECT_EQ(all.told, (words{"open", "alive"}));
  EXPECT_EQ(all.broker, words{"attach"});
}

TEST_F(peer_test, is_told_the_other_side_when_it_was_dialled) {
  begin(false);
  EXPECT_TRUE(all.told.empty());
  tell(uut, atom::attach_v, all.other);
  EXPECT_EQ(all.told[0], "open");
}

TEST_F(peer_test, gives_up_when_nobody_joins) {
  begin(false);
  advance(5s);
  EXPECT_EQ(all.told, words{"closed it did not join in time"});
}

TEST_F(peer_test, announces_who_listens_in_pieces) {
  begin();
  pubsub::interest x{true, false, {}};
  for (auto i = 0; i < 2500; ++i)
    x.topics.push_back({{}, std::to_string(i), 1});
  tell(uut, atom::change_v, x);
  EXPECT_EQ(all.far,
            (words{"interest 1000 anew", "interest 1000", "interest 500"}));
}

TEST_F(peer_test, passes_on_what_comes_and_gives_credit_back) {
  begin();
  all.broker.clear();
  tell(uut, atom::publish_v, cluster::encode(messages(3, 10)),
       std::uint64_t{99});
  tell(uut, atom::change_v,
       cluster::encode(pubsub::interest{false, false, {{{}, "a", 1}}}));
  EXPECT_EQ(all.broker, (words{"messages 3", "interest 1"}));
  EXPECT_EQ(all.far, words{"ack 99"});
  tell(uut, atom::publish_v, std::string{"?"}, std::uint64_t{1});
  EXPECT_EQ(warned.size(), 1u);
  EXPECT_EQ(all.broker.size(), 2u);
}

TEST_F(peer_test, skips_and_counts_what_the_other_side_does_not_take) {
  begin();
  all.told.clear();
  tell(uut, atom::publish_v, messages(1, 900));
  tell(uut, atom::publish_v, messages(2, 100));
  tell(uut, atom::publish_v, messages(3, 100));
  EXPECT_EQ(all.far, words{"messages 1"});
  EXPECT_EQ(all.told, (words{"missed 2", "missed 3"}));
  EXPECT_EQ(warned.size(), 1u);
  tell(uut, atom::report_v, std::uint64_t{10'000});
  EXPECT_EQ(all.far, (words{"messages 1", "gap 5"}));
  tell(uut, atom::publish_v, messages(1, 100));
  EXPECT_EQ(all.far.back(), "messages 1");
}

TEST_F(peer_test, refuses_commands_when_too_much_is_on_its_way) {
  begin();
  tell(uut, atom::publish_v, messages(1, 900));
  auto x = send(command({"svstatus", "web"}));
  ASSERT_FALSE(x);
  EXPECT_EQ(to_failure(x.error()).code, errc::busy);
}

TEST_F(peer_test, forwards_commands) {
  begin();
  auto x = send(command({"svstatus", "web"}));
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, all.reply);
}

TEST_F(peer_test, fails_open_commands_when_the_link_is_cut) {
  begin();
  auto id = ask_in_vain();
  tell(uut, atom::closed_v, std::string{"nothing for 5000 ms"});
  auto x = answer<std::string>(id);
  ASSERT_TRUE(x);
  ASSERT_FALSE(*x);
  auto why = to_failure(x->error());
  EXPECT_EQ(why.code, errc::no_such_node);
  EXPECT_NE(why.detail.find("nothing for 5000 ms"), std::string::npos);
}

TEST_F(peer_test, fails_open_commands_when_the_other_side_ends) {
  begin();
  all.told.clear();
  auto id = ask_in_vain();
  caf::anon_send_exit(far, caf::exit_reason::kill);
  settle();
  auto x = answer<std::string>(id);
  ASSERT_TRUE(x && !*x);
  EXPECT_EQ(to_failure(x->error()).code, errc::no_such_node);
  EXPECT_EQ(all.told, words{"closed it closed the link"});
}

TEST_F(peer_test, waits_for_an_answer_only_as_long_as_it_may) {
  begin();
  auto id = ask_in_vain();
  advance(10s);
  auto x = answer<std::string>(id);
  ASSERT_TRUE(x && !*x);
  EXPECT_EQ(to_failure(x->error()).code, errc::timeout);
  all.silent = false;
  for (auto i = 0; i < 20; ++i)
    EXPECT_TRUE(send(command({"svstatus", "web"}))) << "credit comes back";
}

TEST_F(peer_test, tells_when_heartbeats_are_not_answered) {
  begin();
  all.silent = true;
  all.told.clear();
  advance(1s);
  advance(1s);
  EXPECT_EQ(all.told, words{});
  advance(1s);
  EXPECT_EQ(all.told, words{"late"});
}

TEST_F(peer_test, asks_in_each_heartbeat_if_it_dialled_and_sets_one_timer) {
  begin();
  advance(10s);
  EXPECT_EQ(all.asked, 11);
  EXPECT_TRUE(ask<bool>(uut, atom::ask_v));
  advance(10s);
  EXPECT_EQ(all.asked, 21);
  EXPECT_EQ(coordinator().clock().schedule().size(), 1u);
}

TEST_F(peer_test, asks_seldom_while_the_side_that_dialled_asks) {
  begin(false);
  tell(uut, atom::attach_v, all.other);
  for (auto i = 0; i < 100; ++i) {
    EXPECT_TRUE(ask<bool>(uut, atom::ask_v));
    all.told.clear();
    advance(1s);
    EXPECT_EQ(all.told, words{"alive"}) << i;
  }
  EXPECT_EQ(all.asked, 11);
  // It falls silent: this side asks again.
  all.silent = true;
  all.told.clear();
  advance(2s);
  EXPECT_EQ(all.asked, 13);
  EXPECT_EQ(all.told, words{});
  advance(1s);
  EXPECT_EQ(all.told, words{"late"});
}

TEST_F(peer_test, carries_out_commands_for_others) {
  begin();
  auto x = ask<std::string>(uut, atom::call_v, command({"svstatus", "web"}));
  ASSERT_TRUE(x);
  EXPECT_EQ(*cluster::parse_reply(*x), resp::value{"done"});
  ASSERT_EQ(all.calls.size(), 1u);
  EXPECT_EQ(all.calls[0].from, "bob@x via b");
  EXPECT_EQ(all.calls[0].what.user, "bob");
  EXPECT_EQ(all.calls[0].what.rights, resp::rights{resp::right::status});
  EXPECT_EQ(all.calls[0].what.command->id, resp::command_id::svstatus);
}

TEST_F(peer_test, carries_out_what_scripts_are_asked_for) {
  begin();
  auto x = ask<std::string>(uut, atom::call_v, command({"call", "greet"}));
  ASSERT_TRUE(x);
  ASSERT_EQ(all.calls.size(), 1u);
  EXPECT_EQ(all.calls[0].what.script, "a.lua");
  EXPECT_EQ(all.calls[0].what.rights, resp::rights{resp::right::status});
}

TEST_F(peer_test, carries_out_nothing_else) {
  begin();
  for (auto name : {"shutdown", "svapply", "nonsense"}) {
    auto x = ask<std::string>(uut, atom::call_v, command({name, "x"}));
    ASSERT_FALSE(x);
    EXPECT_EQ(to_failure(x.error()).code, errc::unsupported);
  }
  roster = nullptr;
  auto x = ask<std::string>(uut, atom::call_v, command({"svstatus", "web"}));
  EXPECT_EQ(to_failure(x.error()).code, errc::loading);
  EXPECT_TRUE(all.calls.empty());
}

TEST_F(peer_test, says_and_hears_good_bye) {
  begin();
  tell(uut, atom::stop_v);
  EXPECT_EQ(all.far, words{"goodbye"});
  tell(uut, atom::finish_v);
  EXPECT_EQ(all.told.back(), "goodbye");
}

} // namespace
} // namespace saker

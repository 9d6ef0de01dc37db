#include "cluster/wire.hpp"
#include "tests/support/cluster_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using cluster_commands_test = test::cluster_world;

// -- commands -----------------------------------------------------------------

TEST_F(cluster_commands_test,
       asks_each_node_its_part_with_the_rights_of_the_caller) {
  auto a = node("a");
  auto x = command({"svstatus", "web@a"});
  EXPECT_EQ(resp::to_string(x), R"([{"name": "web", "node": "a"}])");
  ASSERT_EQ(a->commands.size(), 1u);
  auto far = cluster::parse_command(a->commands[0]);
  ASSERT_TRUE(far);
  EXPECT_EQ(far->args, (std::vector<std::string>{"svstatus", "web"}));
  EXPECT_EQ(far->from, "bob@x:1 via m");
  EXPECT_EQ(far->rights, resp::rights{resp::right::status});
  EXPECT_EQ(resp::to_string(command({"svstatus", "*@*"})),
            R"([{"name": "web", "node": "a"}, {"name": "db", "node": "m"}])");
  EXPECT_EQ(asked, std::vector<std::string>{"svstatus * "});
}

TEST_F(cluster_commands_test, asks_nodes_for_scripts_and_figures) {
  answers = resp::value{"hello"};
  auto a = node("a");
  EXPECT_EQ(command({"sysinfo", "x.y@a", "z"}), resp::value{"hello"});
  auto far = *cluster::parse_command(a->commands.back());
  EXPECT_EQ(far.args, (std::vector<std::string>{"sysinfo", "x.y", "z"}));
  EXPECT_EQ(far.rights, resp::rights{resp::right::status});
  EXPECT_EQ(a->patience, caf::timespan{10s});
  EXPECT_EQ(command({"call", "greet@a", "WAIT", "99000"}),
            resp::value{"hello"});
  far = *cluster::parse_command(a->commands.back());
  EXPECT_EQ(far.args,
            (std::vector<std::string>{"call", "greet", "WAIT", "99000"}));
  EXPECT_EQ(a->patience, caf::timespan{60s});
  own = 7;
  EXPECT_EQ(resp::to_string(command({"sysinfo", "x.y@*"})),
            R"({"a": "hello", "m": 7})");
  EXPECT_EQ(asked.back(), "sysinfo x.y ");
  EXPECT_TRUE(command({"call", "greet@b"}).text().starts_with("NONODE no"));
}

TEST_F(cluster_commands_test, asks_what_names_mean_before_it_does_anything) {
  auto a = node("a");
  a->reply = resp::error{"NOSERVICE no service matches \"nope\""};
  EXPECT_EQ(command({"svstop", "db", "nope@a"}).text(),
            "NOSERVICE on node \"a\": no service matches \"nope\"");
  EXPECT_EQ(asked, std::vector<std::string>{"svstatus db "});
  ASSERT_EQ(a->commands.size(), 1u);
  EXPECT_EQ(cluster::parse_command(a->commands[0])->args,
            (std::vector<std::string>{"svstatus", "nope"}));
  a->reply.reset();
  asked.clear();
  EXPECT_EQ(command({"svstop", "db", "web@a"}).items().size(), 2u);
  EXPECT_EQ(asked, (std::vector<std::string>{"svstatus db ", "svstop db "}));
  EXPECT_EQ(cluster::parse_command(a->commands.back())->args,
            (std::vector<std::string>{"svstop", "web"}));
}

TEST_F(cluster_commands_test, a_node_that_does_not_answer_is_asked_once) {
  auto a = node("a");
  cut(tunnels.back(), "cut");
  auto x = command({"svstop", "db", "web@a"});
  ASSERT_EQ(x.items().size(), 2u);
  EXPECT_EQ(asked, (std::vector<std::string>{"svstatus db ", "svstop db "}));
  EXPECT_TRUE(a->commands.empty());
}

TEST_F(cluster_commands_test, tells_whoever_asked_which_nodes_refused) {
  auto a = node("a");
  node("b");
  a->reply = resp::error{"NOPERM this user may not"};
  auto call = call_of({"svstop", "web@*"});
  call.what.refused = std::make_shared<session::refused_parts>();
  auto x = ask<resp::value>(uut, atom::call_v, call);
  ASSERT_TRUE(x);
  EXPECT_FALSE(x->is_error()) << "others have done it";
  ASSERT_EQ(call.what.refused->size(), 1u);
  EXPECT_EQ(call.what.refused->front().node, "a");
  EXPECT_EQ(call.what.refused->front().reply, "NOPERM this user may not");
}

// -- SVWAIT -------------------------------------------------------------------

TEST_F(cluster_commands_test, waits_for_a_node_as_long_as_the_caller_does) {
  tell(uut, atom::start_v);
  auto a = node("a");
  cut(tunnels.back(), "cut");
  own = 1;
  auto id = later({"svwait", "web@*", "running", "500"});
  advance(499ms);
  EXPECT_FALSE(answer<resp::value>(id));
  advance(1ms);
  auto x = answer<resp::value>(id);
  ASSERT_TRUE(x && *x);
  EXPECT_EQ((*x)->text(),
            "NONODE \"web@*\": 1 reached it, but not all nodes tell: node "
            "\"a\" is dead: cut");
}

TEST_F(cluster_commands_test,
       asks_a_node_that_comes_back_for_the_rest_of_the_time) {
  tell(uut, atom::start_v);
  node("a");
  cut(tunnels.back(), "cut");
  own = 1;
  auto id = later({"svwait", "web@*", "running", "500"});
  advance(200ms);
  EXPECT_FALSE(answer<resp::value>(id));
  answers = resp::value{2};
  auto a = node("a");
  ASSERT_EQ(a->commands.size(), 1u);
  EXPECT_EQ(cluster::parse_command(a->commands[0])->args,
            (std::vector<std::string>{"svwait", "web", "running", "300"}));
  auto x = answer<resp::value>(id);
  ASSERT_TRUE(x && *x);
  EXPECT_EQ((*x)->integer(), 3);
}

TEST_F(cluster_commands_test, whoever_waits_no_more_is_told_how_it_is_now) {
  auto a = node("a");
  a->silent = true;
  auto call = call_of({"svwait", "web@a", "running", "60000"});
  call.client = 7;
  auto id = self->request(uut, caf::infinite, atom::call_v, call).id();
  settle();
  EXPECT_EQ(a->commands.size(), 1u);
  tell(uut, atom::withdraw_v, std::uint64_t{8}); // somebody else
  EXPECT_EQ(a->commands.size(), 1u);
  a->silent = false;
  a->reply = resp::value{2};
  tell(uut, atom::withdraw_v, std::uint64_t{7});
  ASSERT_EQ(a->commands.size(), 2u);
  EXPECT_EQ(cluster::parse_command(a->commands[1])->args,
            (std::vector<std::string>{"svwait", "web", "running", "0"}));
  auto x = answer<resp::value>(id);
  ASSERT_TRUE(x && *x);
  EXPECT_EQ((*x)->integer(), 2);
  tell(uut, atom::withdraw_v, std::uint64_t{7}); // it waits no more
  EXPECT_EQ(a->commands.size(), 2u);
}

TEST_F(cluster_commands_test,
       whoever_waits_no_more_is_told_that_a_node_is_absent) {
  tell(uut, atom::start_v);
  node("a");
  cut(tunnels.back(), "cut");
  auto call = call_of({"svwait", "web@a", "running", "60000"});
  call.client = 7;
  auto id = self->request(uut, caf::infinite, atom::call_v, call).id();
  settle();
  EXPECT_FALSE(answer<resp::value>(id));
  tell(uut, atom::withdraw_v, std::uint64_t{7});
  auto x = answer<resp::value>(id);
  ASSERT_TRUE(x && *x);
  EXPECT_EQ((*x)->text(), "NONODE node \"a\" is dead: cut");
  node("a")->silent = true;
  EXPECT_TRUE(peers.back()->commands.empty()); // nothing is left of it
}

TEST_F(cluster_commands_test, does_not_wait_without_time) {
  node("a");
  cut(tunnels.back(), "cut");
  EXPECT_EQ(command({"svwait", "web@a", "running", "0"}).text(),
            "NONODE node \"a\" is dead: cut");
}

TEST_F(cluster_commands_test, refuses_a_dead_or_unknown_node_at_once) {
  EXPECT_TRUE(command({"svstatus", "@far"}).text().starts_with("NONODE no "));
  auto a = node("a");
  cut(tunnels.back(), "cut");
  EXPECT_EQ(command({"svstop", "web@a"}).text(),
            "NONODE node \"a\" is dead: cut");
  EXPECT_TRUE(a->commands.empty());
}

TEST_F(cluster_commands_test, names_those_who_do_not_answer) {
  auto a = node("a");
  cut(tunnels.back(), "cut");
  auto x = command({"svstatus", "*@*"});
  ASSERT_EQ(x.items().size(), 2u);
  auto& lost = x.items()[0];
  EXPECT_EQ(resp::to_string(lost),
            R"({"name": "*", "node": "a", "state": "lost", )"
            R"("reason": "node \"a\" is dead: cut"})");
}

TEST_F(cluster_commands_test,
       does_not_ask_those_who_left_unless_they_are_named) {
  auto a = node("a");
  tell(uut, atom::stop_v, a->how.link);
  cut(tunnels.back(), "closed");
  EXPECT_EQ(command({"svstatus", "*@*"}).items().size(), 1u);
  EXPECT_EQ(command({"svstatus", "@a"}).text(), "NONODE node \"a\" is left");
}

} // namespace
} // namespace saker

#include "resp/field_manual.hpp"
#include "tests/support/cluster_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using cluster_nodes_test = test::cluster_world;

TEST_F(cluster_nodes_test, lists_itself_first) {
  auto a = node("a");
  tell(uut, atom::report_v, a->how.link, caf::timespan{1'500'000});
  tell(uut, atom::tell_v, a->how.link, std::uint64_t{7});
  EXPECT_EQ(resp::to_string(command({"nodes"})),
            R"([{"name": "m", "address": "m:1", "state": "up", "since": 5000, )"
            R"("rtt": null, "reason": null, "missed": 0}, )"
            R"({"name": "a", "address": "a:1", "state": "up", "since": 5000, )"
            R"("rtt": 1.5, "reason": null, "missed": 7}])");
}

TEST_F(cluster_nodes_test, suspects_who_does_not_answer) {
  auto a = node("a");
  tell(uut, atom::report_v, a->how.link, caf::timespan{0});
  EXPECT_EQ(state_of("a"), "suspect");
  tell(uut, atom::report_v, a->how.link, caf::timespan{1});
  EXPECT_EQ(state_of("a"), "up");
}

TEST_F(cluster_nodes_test, tells_all_that_it_knows_of_a_node) {
  auto a = node("a");
  tell(uut, atom::report_v, a->how.link, caf::timespan{1'500'000});
  tunnels.back()->carried = {70, 80};
  advance(30ms);
  EXPECT_EQ(
    resp::to_string(command({"node", "info", "a"})),
    R"({"name": "a", "address": "a:1", "state": "up", "since": 5000, )"
    R"("rtt": 1.5, "reason": null, "missed": 0, "version": "2.0.0", )"
    R"("pid": 18, "started": 4000, "join": false, "link": "10.0.0.9:4711", )"
    R"("dialled": false, "heartbeat_age": 30, "received": 70, "sent": 80})");
  cut(tunnels.back(), "cut");
  EXPECT_EQ(
    resp::to_string(command({"node", "info", "a"})),
    R"({"name": "a", "address": "a:1", "state": "dead", "since": 5000, )"
    R"("rtt": null, "reason": "cut", "missed": 0, "version": "2.0.0", )"
    R"("pid": 18, "started": 4000, "join": false, "link": null, )"
    R"("dialled": null, "heartbeat_age": null, "received": null, )"
    R"("sent": null})");
}

TEST_F(cluster_nodes_test, tells_of_itself_without_a_name) {
  auto x = command({"node", "info"});
  EXPECT_EQ(resp::to_string(x),
            resp::to_string(command({"node", "info", "m"})));
  EXPECT_EQ(x.find("version")->text(), "1.0.0");
  EXPECT_EQ(x.find("pid")->integer(), 17);
  EXPECT_EQ(x.find("started")->integer(), 5000);
  std::vector<std::string> names;
  std::vector<std::string> told;
  for (auto& entry : x.get_if<resp::map>()->entries)
    names.emplace_back(entry.key.text());
  for (auto& row : resp::node_fields())
    told.emplace_back(row.name);
  EXPECT_EQ(names, told);
  EXPECT_TRUE(command({"node", "info", "m", "n"}).is_error());
}

TEST_F(cluster_nodes_test, tells_whom_it_was_told_to_join) {
  tell(uut, atom::start_v);
  greet(tunnels.back(), hello("s"));
  EXPECT_EQ(resp::to_string(*command({"node", "info", "s"}).find("join")),
            "true");
}

TEST_F(cluster_nodes_test, forgets_a_node_that_is_gone) {
  auto a = node("a");
  EXPECT_EQ(command({"node", "forget", "b"}).text().find("NONODE no node"), 0u);
  EXPECT_EQ(command({"node", "forget", "m"})
              .text()
              .find("ERR node \"m\" is "
                    "this one"),
            0u);
  EXPECT_EQ(command({"node", "forget", "a"})
              .text()
              .find("ERR node \"a\" is "
                    "up"),
            0u);
  EXPECT_EQ(state_of("a"), "up");
  tell(uut, atom::tell_v, a->how.link, std::uint64_t{7});
  cut(tunnels.back(), "cut");
  EXPECT_EQ(command({"node", "forget", "a"}), resp::ok());
  EXPECT_EQ(state_of("a"), "unknown");
  EXPECT_EQ(said.back(), "node a is forgotten by bob@x:1");
  EXPECT_EQ(command({"svstop", "web@a"}).text().find("NONODE no node"), 0u);
  node("a");
  EXPECT_EQ(command({"node", "info", "a"}).find("missed")->integer(), 0);
}

TEST_F(cluster_nodes_test, nobody_waits_for_a_node_that_is_forgotten) {
  node("a");
  cut(tunnels.back(), "cut");
  auto waits = later({"svwait", "web@a", "running", "60000"});
  EXPECT_FALSE(answer<resp::value>(waits));
  EXPECT_EQ(command({"node", "forget", "a"}), resp::ok());
  settle();
  auto x = answer<resp::value>(waits);
  ASSERT_TRUE(x && *x);
  EXPECT_EQ((*x)->text(), "NONODE node \"a\" was forgotten");
}

} // namespace
} // namespace saker

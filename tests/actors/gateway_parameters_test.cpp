#include "tests/support/gateway_world.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using words = std::vector<std::string>;

using gateway_test = test::gateway_world;

resp::value flat(std::vector<std::string> texts) {
  resp::map all;
  for (std::size_t i = 0; i < texts.size(); i += 2)
    all.add(texts[i], texts[i + 1]);
  return resp::value{std::move(all)};
}

TEST_F(gateway_test, tells_and_changes_parameters) {
  auto get = resp::command_id::config_get;
  auto set = resp::command_id::config_set;
  EXPECT_EQ(command({"CONFIG", "GET", "maxcl*", "TIMEOUT"}, get),
            flat({"maxclients", "2", "TIMEOUT", "0"}));
  EXPECT_EQ(command({"CONFIG", "SET", "timeout", "5", "maxclients", "3"}, set),
            resp::ok());
  EXPECT_EQ(links->live->max_clients, 3u);
  EXPECT_EQ(links->live->idle, std::chrono::seconds{5});
  EXPECT_EQ(told, (words{"0", "5"}));
  auto no = command({"CONFIG", "SET", "timeout", "6", "hz", "x"}, set);
  EXPECT_EQ(no.text(), "ERR CONFIG SET failed (possibly related to argument "
                       "'hz') - argument couldn't be parsed into an integer");
  EXPECT_EQ(told.size(), 2u);
  no = command({"CONFIG", "SET", "maxclients", "4294967295"}, set);
  EXPECT_EQ(no.text().find("ERR CONFIG SET failed (possibly related to "
                           "argument 'maxclients') - The operating system is "
                           "not able to handle the specified number of "
                           "clients, try with "),
            0u)
    << no.text();
}

TEST_F(gateway_test, keeps_what_was_changed) {
  auto set = resp::command_id::config_set;
  auto rewrite = resp::command_id::config_rewrite;
  EXPECT_EQ(command({"CONFIG", "REWRITE"}, rewrite), resp::ok());
  EXPECT_EQ(kept, config::override_list{});
  command({"CONFIG", "SET", "timeout", "5"}, set);
  EXPECT_EQ(command({"CONFIG", "REWRITE"}, rewrite), resp::ok());
  EXPECT_EQ(kept, (config::override_list{{"timeout", "5"}}));
  command({"CONFIG", "SET", "hz", "11"}, set);
  EXPECT_EQ(command({"CONFIG", "REWRITE"}, rewrite),
            resp::err("Rewriting config file: the disk is full"));
}

TEST_F(gateway_test, a_node_after_a_fault_finds_what_was_set) {
  change({"timeout", "5"});
  EXPECT_EQ(live, (config::override_list{{"timeout", "5"}}));
  EXPECT_FALSE(kept);
  live.reset();
  change({"timeout", "5"}); // nothing new
  EXPECT_FALSE(live);
  change({"timeout", "0"});
  EXPECT_EQ(live, config::override_list{});
}

} // namespace
} // namespace saker

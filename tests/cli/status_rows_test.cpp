#include "cli/status_rows.hpp"

#include <gtest/gtest.h>

namespace saker::cli {
namespace {

using texts = std::vector<std::string>;

resp::map full_row() {
  return resp::map{}
    .add("name", "web:0")
    .add("node", "n1")
    .add("state", "running")
    .add("ready", true)
    .add("intent", "up")
    .add("intent_by", "ann")
    .add("pid", 4711)
    .add("since", std::int64_t{1'700'000'000'000})
    .add("uptime", 5)
    .add("restarts", 11)
    .add("restarts_1h", 3)
    .add("last_exit", "SIGSEGV")
    .add("next", nullptr)
    .add("reason", nullptr)
    .add("cpu", 7.5)
    .add("rss", 1024)
    .add("where", "a.lua:3");
}

service_row only(const resp::value& row) {
  auto all = service_rows(resp::array{{row}});
  EXPECT_TRUE(all) << all.error().detail;
  return all && all->size() == 1 ? all->front() : service_row{};
}

service_row in_state(std::string state, bool wanted_up) {
  service_row x;
  x.state = std::move(state);
  x.wanted_up = wanted_up;
  return x;
}

TEST(status_rows_test, reads_every_field) {
  auto x = only(full_row());
  EXPECT_EQ(x.name, "web:0");
  EXPECT_EQ(x.node, "n1");
  EXPECT_EQ(x.state, "running");
  EXPECT_TRUE(x.ready);
  EXPECT_TRUE(x.wanted_up);
  EXPECT_EQ(x.wanted_by, "ann");
  EXPECT_EQ(x.pid, 4711);
  EXPECT_EQ(x.since.count(), 1'700'000'000'000);
  EXPECT_EQ(x.restarts, 11);
  EXPECT_EQ(x.restarts_1h, 3);
  EXPECT_EQ(x.last_exit, "SIGSEGV");
  EXPECT_EQ(x.next, "");
  EXPECT_EQ(x.reason, "");
  EXPECT_EQ(x.cpu, 7.5);
  EXPECT_EQ(x.rss, 1024u);
  EXPECT_EQ(x.where, "a.lua:3");
}

TEST(status_rows_test, what_nobody_measures_is_empty) {
  auto x = only(resp::map{}
                  .add("name", "a")
                  .add("state", "stopped")
                  .add("cpu", nullptr)
                  .add("rss", nullptr));
  EXPECT_FALSE(x.cpu);
  EXPECT_FALSE(x.rss);
  EXPECT_FALSE(x.ready);
  EXPECT_FALSE(x.wanted_up);
  EXPECT_EQ(x.pid, 0);
}

TEST(status_rows_test, whole_figures_are_figures_too) {
  auto row = resp::map{}.add("name", "a").add("state", "running").add("cpu", 3);
  EXPECT_EQ(only(row).cpu, 3.0);
}

TEST(status_rows_test, refuses_what_is_no_status) {
  EXPECT_FALSE(service_rows(resp::ok()));
  EXPECT_FALSE(service_rows(resp::array{{resp::map{}.add("name", "a")}}));
  EXPECT_FALSE(service_rows(resp::array{{resp::map{}.add("state", "done")}}));
  EXPECT_TRUE(service_rows(resp::array{}));
}

TEST(status_rows_test, reads_the_same_from_json) {
  auto all = service_rows_of_json(
    R"([{"name":"web:0","node":"n1","state":"running","ready":true,)"
    R"("intent":"up","pid":4711,"since":1700000000000,"restarts":11,)"
    R"("restarts_1h":3,"last_exit":"SIGSEGV","next":null,"cpu":7.5,)"
    R"("rss":1024}])");
  ASSERT_TRUE(all) << all.error().detail;
  ASSERT_EQ(all->size(), 1u);
  auto& x = all->front();
  EXPECT_EQ(x.name, "web:0");
  EXPECT_TRUE(x.ready);
  EXPECT_TRUE(x.wanted_up);
  EXPECT_EQ(x.pid, 4711);
  EXPECT_EQ(x.cpu, 7.5);
  EXPECT_EQ(x.rss, 1024u);
  EXPECT_FALSE(service_rows_of_json("[{"));
  EXPECT_FALSE(service_rows_of_json("{}"));
}

TEST(status_rows_test, as_wanted_is_running_or_done) {
  for (auto state : {"running", "done", "adopted"})
    EXPECT_TRUE(as_wanted(in_state(state, true))) << state;
  for (auto state : {"stopped", "waiting", "starting", "sick", "stopping",
                     "backoff", "resting", "failed", "stuck", "lost"})
    EXPECT_FALSE(as_wanted(in_state(state, true))) << state;
}

TEST(status_rows_test, what_is_not_wanted_is_fine_unless_broken) {
  for (auto state : {"stopped", "stopping", "done"})
    EXPECT_TRUE(as_wanted(in_state(state, false))) << state;
  for (auto state : {"failed", "stuck", "lost"})
    EXPECT_FALSE(as_wanted(in_state(state, false))) << state;
}

TEST(status_rows_test, lines_come_in_three_forms) {
  texts two{"a", "b"};
  EXPECT_EQ(lines_of(resp::verbatim{"a\nb\n"}), two);
  EXPECT_EQ(lines_of(resp::value{"a\nb"}), two);
  EXPECT_EQ(lines_of(resp::array{{resp::simple{"a"}, "b"}}), two);
  EXPECT_EQ(lines_of(resp::value{""}), texts{});
  EXPECT_EQ(lines_of(resp::value{"a\n\n"}), (texts{"a", ""}));
}

TEST(status_rows_test, notes_belong_to_the_row_above_them) {
  auto notes = notes_of(resp::verbatim{"SAFE MODE: look\n"
                                       "NAME  STATE\n"
                                       "bad   failed\n"
                                       "  out  Address in use\n"
                                       "  log  /x/bad.log\n"
                                       "web   running\n"});
  EXPECT_EQ(notes.heading, texts{"SAFE MODE: look"});
  ASSERT_EQ(notes.below.size(), 1u);
  EXPECT_EQ(notes.below["bad"],
            (texts{"out  Address in use", "log  /x/bad.log"}));
}

TEST(status_rows_test, notes_of_several_nodes_are_told_apart) {
  auto notes = notes_of(resp::verbatim{"node n1\n"
                                       "NAME  STATE\n"
                                       "web   running\n"
                                       "node n2\n"
                                       "SAFE MODE: look\n"
                                       "NAME  STATE\n"
                                       "node  failed\n"
                                       "  out  of node\n"
                                       "web   failed\n"
                                       "  out  Address in use\n"
                                       "node n3  lost  it is dead\n"});
  EXPECT_EQ(notes.heading, texts{"n2: SAFE MODE: look"});
  service_row x;
  x.name = "web";
  x.node = "n1";
  EXPECT_EQ(notes.of(x), texts{});
  x.node = "n2";
  EXPECT_EQ(notes.of(x), texts{"out  Address in use"});
  x.name = "node";
  EXPECT_EQ(notes.of(x), texts{"out  of node"});
}

TEST(status_rows_test, notes_of_one_node_need_no_name_of_it) {
  auto notes
    = notes_of(resp::verbatim{"NAME  STATE\nweb   failed\n  log  /x\n"});
  service_row x;
  x.name = "web";
  x.node = "n7";
  EXPECT_EQ(notes.of(x), texts{"log  /x"});
}

} // namespace
} // namespace saker::cli

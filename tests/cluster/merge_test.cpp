#include "cluster/merge.hpp"

#include <gtest/gtest.h>

namespace saker::cluster {
namespace {

using words = std::vector<std::string>;

resp::value error_of(const failure& x) {
  return resp::error{"NONODE " + x.detail};
}

std::string merged(const words& args, std::vector<node_answer> all) {
  return resp::to_string(merge(args, std::move(all), error_of));
}

node_answer here(resp::value x) {
  return {"n1", true, std::nullopt, std::move(x)};
}

node_answer there(resp::value x) {
  return {"n2", false, std::nullopt, std::move(x)};
}

node_answer lost() {
  return {"n3", false, fail(errc::no_such_node, "it is dead"), {}};
}

resp::value one_row(const char* key, resp::value item) {
  return resp::array{
    {resp::map{}.add("name", "web").add(key, std::move(item))}};
}

const auto missing = resp::value{resp::error{"NOSERVICE no \"web\""}};

TEST(merge_test, gives_one_answer_as_it_is) {
  EXPECT_EQ(merged({"svwhy", "web@n2"}, {there("text")}), "\"text\"");
  EXPECT_EQ(merged({"svstatus", "web@n3"}, {lost()}), "-NONODE it is dead");
}

TEST(merge_test, joins_rows_and_tells_who_did_not_answer) {
  EXPECT_EQ(merged({"svstatus", "*@*"}, {here(one_row("node", "n1")),
                                         there(one_row("node", "n2")), lost()}),
            R"([{"name": "web", "node": "n1"}, {"name": "web", "node": "n2"}, )"
            R"({"name": "*", "node": "n3", "state": "lost", )"
            R"("reason": "it is dead"}])");
}

TEST(merge_test, says_where_a_service_is_that_was_commanded) {
  EXPECT_EQ(merged({"svstop", "*@*"}, {here(one_row("code", 0)),
                                       there(one_row("code", 0)), lost()}),
            R"([{"name": "web", "code": 0}, {"name": "web@n2", "code": 0}, )"
            R"({"name": "*@n3", "code": 1, "desc": "it is dead"}])");
}

TEST(merge_test, one_node_alone_is_named_too) {
  EXPECT_EQ(merged({"svstop", "web@n2"}, {there(one_row("code", 0))}),
            R"([{"name": "web@n2", "code": 0}])");
  EXPECT_EQ(merged({"svstop", "web@n1"}, {here(one_row("code", 0))}),
            R"([{"name": "web", "code": 0}])");
  EXPECT_EQ(
    merged({"svstop", "web@*"}, {here(missing), there(one_row("code", 0))}),
    R"([{"name": "web@n2", "code": 0}])");
  EXPECT_EQ(merged({"svstatus", "web@n2"}, {there(one_row("node", "n2"))}),
            R"([{"name": "web", "node": "n2"}])");
  EXPECT_EQ(merged({"call", "list@n2"}, {there(one_row("code", 0))}),
            R"([{"name": "web", "code": 0}])")
    << "what a script says is its own";
}

TEST(merge_test, leaves_out_nodes_without_such_a_service) {
  EXPECT_EQ(merged({"svstatus", "web@*"},
                   {here(missing), there(one_row("node", "n2"))}),
            R"([{"name": "web", "node": "n2"}])");
  EXPECT_EQ(merged({"svstatus", "web@*"}, {here(missing), there(missing)}),
            R"(-NOSERVICE no \"web\")");
  EXPECT_EQ(merged({"svstatus", "web@*"}, {here(missing), lost()}),
            "-NONODE it is dead")
    << "it may be there";
}

TEST(merge_test, adds_numbers) {
  EXPECT_EQ(merged({"svwait", "web@*", "running", "5"}, {here(2), there(3)}),
            "5");
}

TEST(merge_test, a_sum_without_a_part_is_no_number) {
  EXPECT_EQ(
    merged({"svwait", "web@*", "running", "5"}, {here(2), there(2), lost()}),
    R"(-NONODE \"web@*\": 4 reached it, but not all nodes tell: it is dead)");
  EXPECT_EQ(merged({"svwait", "web@*", "running", "5"},
                   {here(2), there(resp::error{"BUSY too many"})}),
            R"(-NONODE \"web@*\": 2 reached it, but not all nodes tell: )"
            R"(node \"n2\": BUSY too many)");
}

TEST(merge_test, rows_of_groups_are_rows_too) {
  EXPECT_EQ(
    merged({"svgstatus", "front@*"}, {here(one_row("node", "n1")), lost()}),
    R"([{"name": "web", "node": "n1"}, {"name": "*", "node": "n3", )"
    R"("state": "lost", "reason": "it is dead"}])");
  EXPECT_EQ(
    merged({"svgmember", "front@*"},
           {here(resp::array{{"a"}}), there(resp::array{{"b"}}), lost()}),
    R"({"n1": ["a"], "n2": ["b"], "n3": -it is dead})");
}

TEST(merge_test, the_words_of_a_command_that_runs_are_no_form) {
  EXPECT_EQ(merged({"svrun", "job@*", "echo", "TEXT"},
                   {here(one_row("code", 0)), there(one_row("code", 0))}),
            R"([{"name": "web", "code": 0}, {"name": "web@n2", "code": 0}])");
}

TEST(merge_test, json_holds_the_reason_as_it_is) {
  auto x = lost();
  x.lost->detail = "node \"n3\" is\tdead \\ caf\xc3\xa9";
  auto all = merge(words{"svstatus", "*@*", "JSON"}, {here("[]"), x}, error_of);
  EXPECT_EQ(all.text(),
            "[{\"name\":\"*\",\"node\":\"n3\",\"state\":\"lost\","
            "\"reason\":\"node \\\"n3\\\" is\\tdead \\\\ caf\xc3\xa9\"}]");
}

TEST(merge_test, joins_tables_and_json) {
  EXPECT_EQ(
    merged({"svstatus", "*@*", "TEXT"}, {here(resp::verbatim{"A\nB\n"}),
                                         there(resp::verbatim{"C\n"}), lost()}),
    resp::to_string(resp::verbatim{
      "node n1\nA\nB\nnode n2\nC\nnode n3  lost  it is dead\n"}));
  EXPECT_EQ(
    merged({"svstatus", "*@*", "text"},
           {here(resp::array{{resp::simple{"A"}}}),
            there(resp::array{{resp::simple{"C"}}})}),
    resp::to_string(resp::array{{resp::simple{"node n1"}, resp::simple{"A"},
                                 resp::simple{"node n2"}, resp::simple{"C"}}}));
  EXPECT_EQ(merge(words{"svstatus", "*@*", "JSON"},
                  {here("[]"), there("[{\"name\":\"a\"}]"), lost()}, error_of)
              .text(),
            "[{\"name\":\"a\"},{\"name\":\"*\",\"node\":\"n3\",\"state\":"
            "\"lost\",\"reason\":\"it is dead\"}]");
}

TEST(merge_test, keeps_figures_and_what_scripts_say_apart) {
  EXPECT_EQ(merged({"sysinfo", "a@*"}, {here(1), there(2)}),
            R"({"n1": 1, "n2": 2})");
  EXPECT_EQ(merged({"call", "a@*", "TEXT"},
                   {here(resp::array{{1}}), there(resp::array{{2}})}),
            R"({"n1": [1], "n2": [2]})");
}

TEST(merge_test, keeps_other_replies_apart) {
  EXPECT_EQ(merged({"svwhy", "web@*"}, {here("x"), there("y"), lost()}),
            R"({"n1": "x", "n2": "y", "n3": -it is dead})");
}

} // namespace
} // namespace saker::cluster

#include "cluster/resolution.hpp"

#include <gtest/gtest.h>

#include <map>

namespace saker::cluster {
namespace {

using words = std::vector<std::string>;

/// What nodes have: `n2 web`. A node that is "dead" does not answer.
class resolution_test : public ::testing::Test {
protected:
  std::vector<node_part> parts_of(const words& args) {
    return *split(args, "n1", {"n1", "n2", "n3"});
  }

  resolution asked(const words& args) {
    resolution x{parts_of(args), args[0]};
    for (auto& q : x.questions()) {
      auto node = parts_of(args)[q.part].node;
      auto& mask = q.args.at(1);
      masks.push_back(mask + '@' + node);
      EXPECT_EQ(q.args[0], "svstatus");
      if (node == dead)
        x.answered(q, fail(errc::no_such_node, "it is dead"), {});
      else if (mask == "*" || there.contains(node + ' ' + mask))
        x.answered(q, std::nullopt, resp::array{});
      else
        x.answered(q, std::nullopt, replies[mask]);
    }
    return x;
  }

  std::string told(const words& args) {
    auto x = asked(args);
    if (auto refused = x.refusal())
      return resp::to_string(*refused);
    std::string text;
    for (auto& part : x.rest()) {
      text += (text.empty() ? "" : " | ") + part.node
              + (part.lost ? "?:" : ":");
      for (auto& arg : part.args)
        text += ' ' + arg;
    }
    return text;
  }

  std::map<std::string, bool> there{
    {"n1 web", true}, {"n1 db", true}, {"n2 web", true}};
  std::map<std::string, resp::value> replies{
    {"db", resp::error{"NOSERVICE no db"}},
    {"nope", resp::error{"NOSERVICE no nope"}},
    {"busy", resp::error{"BUSY"}},
    {"a:", resp::error{"ERR bad"}}};
  std::string dead;
  words masks;
};

TEST_F(resolution_test, is_needed_where_nodes_may_disagree) {
  auto needed = [&](const words& args) {
    return resolution::needed(parts_of(args));
  };
  EXPECT_TRUE(needed({"svstop", "web", "nope@n2"}));
  EXPECT_TRUE(needed({"svstop", "web@*", "db@*"}));
  EXPECT_FALSE(needed({"svstop", "web@*"})) << "the answers tell";
  EXPECT_FALSE(needed({"svstop", "web@n2", "db@n2"})) << "that node tells";
}

TEST_F(resolution_test, asks_each_node_for_its_masks) {
  told({"svstop", "web", "nope@n2", "WAIT", "5"});
  EXPECT_EQ(masks, (words{"web@n1", "nope@n2"}));
  masks.clear();
  told({"svgstop", "web", "%db@n2"});
  EXPECT_EQ(masks, (words{"%web@n1", "%db@n2"}));
}

TEST_F(resolution_test, a_mask_that_means_nothing_stops_everything) {
  EXPECT_EQ(told({"svstop", "web", "nope@n2"}),
            R"(-NOSERVICE on node \"n2\": no nope)");
  EXPECT_EQ(told({"svstop", "web", "nope@*"}),
            "-NOSERVICE on each of 3 nodes: no nope");
  EXPECT_EQ(told({"svstop", "web", "a:@n2"}), "-ERR bad");
}

TEST_F(resolution_test, a_mask_is_left_out_where_it_means_nothing) {
  EXPECT_EQ(told({"svstop", "web@n[12]", "db@*", "WAIT", "5"}),
            "n1: svstop web db WAIT 5 | n2: svstop web WAIT 5");
  EXPECT_EQ(told({"svsignal", "HUP", "db@n[12]", "web@n[12]"}),
            "n1: svsignal HUP db web | n2: svsignal HUP web");
}

TEST_F(resolution_test, who_does_not_answer_may_have_it) {
  dead = "n2";
  EXPECT_EQ(told({"svstop", "db", "nope@n2"}),
            "n1: svstop db | n2?: svstop nope");
  dead.clear();
  EXPECT_EQ(told({"svstop", "db", "busy@n2"}),
            "n1: svstop db | n2: svstop busy");
}

} // namespace
} // namespace saker::cluster

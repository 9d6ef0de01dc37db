#include "cluster/far_names.hpp"

#include <gtest/gtest.h>

namespace saker::cluster {
namespace {

using words = std::vector<std::string>;

const words all_nodes{"n1", "n2", "n3"};

std::string told(const words& args) {
  auto x = split(args, "n1", all_nodes);
  if (!x)
    return to_string(x.error());
  std::string text;
  for (auto& part : *x) {
    text += text.empty() ? "" : " | ";
    text += part.node + (part.by_name ? "!" : "") + ":";
    for (auto& arg : part.args)
      text += ' ' + arg;
  }
  return text;
}

TEST(far_names_test, sees_which_commands_name_nodes) {
  EXPECT_TRUE(names_nodes(words{"SVSTATUS", "web@n2"}));
  EXPECT_TRUE(names_nodes(words{"svstop", "a", "*@*", "WAIT", "5"}));
  EXPECT_TRUE(names_nodes(words{"svsignal", "HUP", "@n2"}));
  EXPECT_FALSE(names_nodes(words{"svstatus", "web"}));
  EXPECT_FALSE(names_nodes(words{"svstatus"}));
  EXPECT_FALSE(names_nodes(words{"svsignal", "HUP@x", "web"}));
  EXPECT_FALSE(names_nodes(words{"svwait", "web", "run@x", "5"}));
  EXPECT_FALSE(names_nodes(words{"svapply", "a@b.lua"}));
  EXPECT_FALSE(names_nodes(words{}));
}

TEST(far_names_test, gives_each_node_its_part) {
  EXPECT_EQ(told({"svstart", "web@n2", "db", "WAIT", "50"}),
            "n2!: svstart web WAIT 50 | n1: svstart db WAIT 50");
  EXPECT_EQ(told({"svstatus", "@n3", "TEXT"}), "n3!: svstatus * TEXT");
  EXPECT_EQ(told({"svsignal", "HUP", "w*@n2", "x@n2"}),
            "n2!: svsignal HUP w* x");
  EXPECT_EQ(told({"svwait", "web@n2", "running", "50"}),
            "n2!: svwait web running 50");
}

TEST(far_names_test, takes_masks_of_nodes) {
  EXPECT_EQ(told({"svstatus", "*@*"}),
            "n1: svstatus * | n2: svstatus * | n3: svstatus *");
  EXPECT_EQ(told({"svstatus", "a@n[23]"}), "n2: svstatus a | n3: svstatus a");
}

TEST(far_names_test, names_near_ones_of_an_unknown_node) {
  auto near = split(words{"svstatus", "web@alpah"}, "n1", {"alpha", "n1"});
  ASSERT_FALSE(near);
  EXPECT_NE(near.error().detail.find("did you mean \"alpha\""),
            std::string::npos);
  EXPECT_NE(told({"svstatus", "web@elsewhere"}).find("NODES lists all"),
            std::string::npos);
  auto alone = split(words{"svstatus", "a@far-away"}, "n1", {"n1"});
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, errc::no_such_node);
  EXPECT_NE(alone.error().detail.find("knows no other"), std::string::npos);
}

TEST(far_names_test, refuses_a_mask_without_a_node) {
  auto x = split(words{"svstatus", "web@"}, "n1", all_nodes);
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().code, errc::syntax);
}

TEST(far_names_test, knows_how_long_a_caller_waits) {
  EXPECT_EQ(patience_of(words{"svstart", "a", "WAIT", "5000"}), 5000);
  EXPECT_EQ(patience_of(words{"SVWAIT", "a", "running", "70"}), 70);
  EXPECT_EQ(patience_of(words{"svstart", "a", "5000"}), 0);
  EXPECT_EQ(patience_of(words{"svwait", "a", "running", "x"}), 0);
}

TEST(far_names_test, names_nodes_of_scripts_and_figures) {
  EXPECT_TRUE(names_nodes(words{"sysinfo", "system.uptime@n2"}));
  EXPECT_TRUE(names_nodes(words{"CALL", "greet@n2", "Ann"}));
  EXPECT_FALSE(names_nodes(words{"call", "greet", "ann@n2"}));
  EXPECT_EQ(told({"call", "greet@n2", "ann@n3", "WAIT", "5"}),
            "n2!: call greet ann@n3 WAIT 5");
  EXPECT_EQ(told({"sysinfo", "a.b@*", "x"}),
            "n1: sysinfo a.b x | n2: sysinfo a.b x | n3: sysinfo a.b x");
  auto nothing = split(words{"sysinfo", "@n2"}, "n1", all_nodes);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, errc::syntax);
  EXPECT_EQ(patience_of(words{"call", "greet@n2", "WAIT", "5"}), 0)
    << "that is an argument of the script";
}

TEST(far_names_test, lets_only_some_commands_travel) {
  EXPECT_TRUE(may_travel("SVSTOP"));
  EXPECT_TRUE(may_travel("sysinfo"));
  EXPECT_TRUE(may_travel("call"));
  EXPECT_FALSE(may_travel("eval"));
  EXPECT_FALSE(may_travel("shutdown"));
  EXPECT_FALSE(may_travel("svapply"));
  EXPECT_FALSE(may_travel("svplan"));
}

TEST(far_names_test, knows_all_commands_that_name_services) {
  for (auto x : {"svrun", "svcheck", "svgstart", "svgstop", "svgrestart",
                 "svgstatus", "svgmember"}) {
    EXPECT_TRUE(may_travel(x)) << x;
    EXPECT_TRUE(names_nodes(words{x, "web@n2"})) << x;
  }
  EXPECT_EQ(told({"svrun", "job@n2", "mail", "root@n3", "WAIT"}),
            "n2!: svrun job mail root@n3 WAIT");
  EXPECT_FALSE(names_nodes(words{"svrun", "job", "mail", "root@n3"}));
  EXPECT_EQ(told({"svgstop", "front@n2", "@n3", "WAIT", "5"}),
            "n2!: svgstop front WAIT 5 | n3!: svgstop * WAIT 5");
  EXPECT_EQ(told({"svcheck", "@n3"}), "n3!: svcheck *");
  EXPECT_FALSE(names_nodes(words{"svcheck"}));
}

} // namespace
} // namespace saker::cluster

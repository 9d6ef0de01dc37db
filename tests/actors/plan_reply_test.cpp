#include "actors/plan_reply.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

using namespace supervision;
using texts = std::vector<std::string>;
using action = plan::action;

class plan_reply_test : public testing::Test {
protected:
  plan_reply_test() {
    what.entries = {
      {"api", action::restart, {{"exec", change_class::restart}}, 1, 1, at(2)},
      {"db", action::live, {{"count", change_class::live}}, 1, 3, at(5)},
      {"new", action::add, {}, 0, 1, at(9)},
      {"old", action::remove, {}, 1, 0, at(1)}};
    what.unchanged = 4;
    from.errors = {"b.lua:1: no\tsuch key"};
    from.warnings = {"c.lua:2: hm"};
  }

  static place at(int line) {
    return {"a.lua", line};
  }

  plan what;
  impact effect{3, 2};
  evaluation from;
};

TEST_F(plan_reply_test, tells_what_changes_and_what_that_ends) {
  auto x = plan_map({what, effect, from});
  EXPECT_EQ(to_string(*x.find("add")), R"(["new"])");
  EXPECT_EQ(to_string(*x.find("live")), R"x(["live db (count 1 to 3)"])x");
  EXPECT_EQ(to_string(*x.find("restart")), R"x(["restart api (exec)"])x");
  EXPECT_EQ(to_string(*x.find("remove")), R"(["old"])");
  EXPECT_EQ(*x.find("unchanged")->integer(), 4);
  EXPECT_EQ(*x.find("running")->integer(), 3);
  EXPECT_EQ(*x.find("ends")->integer(), 2);
  EXPECT_EQ(*x.find("needs_force")->integer(), 0);
  EXPECT_EQ(x.find("errors")->items().size(), 1u);
  EXPECT_EQ(x.find("warnings")->items().size(), 1u);
}

TEST_F(plan_reply_test, has_a_line_for_each_thing) {
  effect = {7, 6};
  EXPECT_EQ(plan_text({what, effect, from}),
            (texts{"1 error: files with errors count as before",
                   "! restart api (exec)  a.lua:2",
                   "~ live db (count 1 to 3)  a.lua:5", "+ add new  a.lua:9",
                   "- remove old", "4 unchanged; 6 of 7 running processes end",
                   "warning: c.lua:2: hm", "error: b.lua:1: no\tsuch key",
                   "SVAPPLY does this only with FORCE"}));
}

TEST_F(plan_reply_test, begins_with_the_bad_news) {
  what.entries.clear();
  EXPECT_EQ(plan_text({what, effect, from})[0], "nothing applied: 1 error");
  from.errors.emplace_back("b.lua:2: no");
  EXPECT_EQ(plan_text({what, effect, from})[0], "nothing applied: 2 errors");
  EXPECT_EQ(plan_text({what, effect, from, true})[0],
            "nothing would be applied: 2 errors");
  from.errors.clear();
  EXPECT_EQ(plan_text({what, effect, from})[0],
            "4 unchanged; 2 of 3 running processes end");
}

} // namespace
} // namespace saker

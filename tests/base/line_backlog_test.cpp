#include "base/line_backlog.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

using lines = std::vector<std::string>;

TEST(line_backlog_test, gives_all_once_in_their_order) {
  line_backlog x{3};
  EXPECT_TRUE(x.empty());
  EXPECT_TRUE(x.push("a")) << "somebody has to be told";
  EXPECT_FALSE(x.push("b")) << "who has been told already";
  EXPECT_EQ(x.take(), (lines{"a", "b"}));
  EXPECT_TRUE(x.empty());
  EXPECT_EQ(x.take(), lines{});
  EXPECT_TRUE(x.push("c"));
}

TEST(line_backlog_test, drops_the_oldest_of_too_many) {
  line_backlog x{3};
  for (auto line : {"a", "b", "c", "d", "e"})
    x.push(line);
  EXPECT_EQ(x.take(), (lines{"c", "d", "e"}));
}

TEST(line_backlog_test, tells_again_who_may_hold_only_one) {
  line_backlog x{1};
  EXPECT_TRUE(x.push("a"));
  EXPECT_TRUE(x.push("b"));
  EXPECT_EQ(x.take(), lines{"b"});
}

} // namespace
} // namespace saker

#include "tests/lua/support/script_test.hpp"

namespace saker::lua {
namespace {

class api_system_test : public test::script_test {};

TEST_F(api_system_test, metric_says_that_it_is_not_there_yet) {
  define("return select(2, saker.metric('jobs', 3))");
  begin();
  auto ended = settle();
  ASSERT_EQ(ended.size(), 1u);
  ASSERT_TRUE(ended[0].value);
  EXPECT_EQ(
    ended[0].value->text().find("test.lua:1: saker.metric: not available"
                                " yet"),
    0u)
    << ended[0].value->text();
}

} // namespace
} // namespace saker::lua

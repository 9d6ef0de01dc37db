#include "keeper/options.hpp"

#include <gtest/gtest.h>

namespace saker::keeper {
namespace {

TEST(options_test, everything_but_the_program_is_passed_on_as_it_was) {
  auto x = parse_options({"--node", "/n", "--config", "c", "--runtime-dir",
                          "/r", "--listen", "a", "--listen", "-b", "--set",
                          "k=v", "--demo", "--state-dir", "/s"});
  ASSERT_TRUE(x);
  EXPECT_EQ(x->node, "/n");
  EXPECT_EQ(x->runtime_dir, "/r");
  EXPECT_EQ(x->state_dir, "/s");
  EXPECT_EQ(x->pass_on, (std::vector<std::string>{
                          "--config", "c", "--runtime-dir", "/r", "--listen",
                          "a", "--listen", "-b", "--set", "k=v", "--demo",
                          "--state-dir", "/s"}));
}

TEST(options_test, what_is_missing_or_unknown_is_named) {
  auto why = [](std::vector<std::string> x) {
    auto y = parse_options(x);
    return y ? std::string{} : y.error().detail;
  };
  EXPECT_NE(why({}).find("--node and --runtime-dir"), std::string::npos);
  EXPECT_NE(why({"--node", "/n"}).find("--runtime-dir"), std::string::npos);
  EXPECT_NE(why({"--node", "n", "--runtime-dir", "/r"}), "");
  EXPECT_NE(why({"--node", "/n", "--runtime-dir", "r"}), "");
  EXPECT_NE(why({"--node"}).find("needs a value"), std::string::npos);
  EXPECT_NE(why({"--what"}).find("--what"), std::string::npos);
}

} // namespace
} // namespace saker::keeper

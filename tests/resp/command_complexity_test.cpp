#include "resp/command_complexity.hpp"

#include <gtest/gtest.h>

namespace saker::resp {
namespace {

std::string_view of(std::string_view name) {
  auto x = find_full_name(name);
  return x ? complexity_of(*x) : "no such command";
}

TEST(command_complexity_test, tells_what_the_time_grows_with) {
  EXPECT_EQ(of("ping"), "O(1)");
  EXPECT_EQ(of("subscribe"), "O(N), N = channels");
  EXPECT_EQ(of("client|list"), "O(N), N = clients");
  EXPECT_EQ(of("client"), "Depends on the subcommand.");
  EXPECT_EQ(of("svstart"), "O(N), N = instances that are meant");
  EXPECT_EQ(of("unsubscribe"), "O(N), N = channels") << "the last one";
  EXPECT_EQ(of("watch"), "O(1)") << "behind the last one";
}

TEST(command_complexity_test, every_group_of_commands_is_thought_of) {
  // Whoever acts on services needs the longer the more they are.
  for (auto& x : commands())
    if (x.name.starts_with("sv") && x.target == target::roster
        && x.name != "svwhy" && x.name != "svconfig" && x.name != "svrun") {
      EXPECT_TRUE(complexity_of(x).starts_with("O(N), N = ")) << x.name;
    }
}

} // namespace
} // namespace saker::resp

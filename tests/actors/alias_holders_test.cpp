#include "actors/alias_holders.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace saker {
namespace {

using refusals = std::vector<alias_holders::refusal>;

TEST(alias_holders_test, of_a_common_start_the_first_by_name_gets_it) {
  // Whichever of the three is done first.
  std::vector<std::string> files{"a.lua", "b.lua", "c.lua"};
  do {
    alias_holders uut;
    for (auto& file : files)
      uut.claim(file, {"x", file}, 1);
    EXPECT_EQ(uut.holder_of("x"), "a.lua");
    for (auto& file : files)
      EXPECT_EQ(uut.holder_of(file), file);
  } while (std::next_permutation(files.begin(), files.end()));
}

TEST(alias_holders_test, tells_who_is_refused_and_who_has_it) {
  alias_holders uut;
  EXPECT_EQ(uut.claim("b.lua", {"x", "y"}, 1), refusals{});
  EXPECT_EQ(uut.claim("c.lua", {"x"}, 1), (refusals{{"c.lua", "x", "b.lua"}}));
  EXPECT_EQ(uut.claim("a.lua", {"y"}, 1), (refusals{{"b.lua", "y", "a.lua"}}));
}

TEST(alias_holders_test, who_has_one_keeps_it_from_later_starts) {
  alias_holders uut;
  uut.claim("b.lua", {"x"}, 1);
  EXPECT_EQ(uut.claim("a.lua", {"x"}, 2), (refusals{{"a.lua", "x", "b.lua"}}));
  // Loaded again together, and later while it runs.
  EXPECT_EQ(uut.claim("b.lua", {"x"}, 3), refusals{});
  EXPECT_EQ(uut.claim("a.lua", {"x"}, 3), (refusals{{"a.lua", "x", "b.lua"}}));
  EXPECT_EQ(uut.claim("a.lua", {"x"}, 0), (refusals{{"a.lua", "x", "b.lua"}}));
}

TEST(alias_holders_test, what_a_running_script_takes_nobody_takes_away) {
  alias_holders uut;
  uut.claim("b.lua", {"x"}, 0);
  EXPECT_EQ(uut.claim("a.lua", {"x"}, 0), (refusals{{"a.lua", "x", "b.lua"}}));
}

TEST(alias_holders_test, what_is_no_longer_named_is_free) {
  alias_holders uut;
  uut.claim("a.lua", {"x", "y"}, 1);
  uut.claim("a.lua", {"y"}, 0);
  EXPECT_EQ(uut.holder_of("x"), "");
  EXPECT_EQ(uut.claim("b.lua", {"x"}, 2), refusals{});
  uut.release("a.lua");
  EXPECT_EQ(uut.holder_of("y"), "");
  EXPECT_EQ(uut.holder_of("x"), "b.lua");
}

} // namespace
} // namespace saker

#include "acl/name_list.hpp"

#include "acl/user.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace saker::acl {
namespace {

TEST(name_list_test, keeps_each_once_and_in_order) {
  name_list x;
  EXPECT_FALSE(x.contains(""));
  for (auto name : {"b", "", "a", "b", ""})
    x.add(name);
  EXPECT_EQ(x.all(), (std::vector<std::string>{"b", "", "a"}));
  EXPECT_TRUE(x.contains(""));
  EXPECT_FALSE(x.contains("c"));
  x.clear();
  EXPECT_FALSE(x.contains("b"));
  x.add("b");
  EXPECT_TRUE(x.contains("b"));
}

TEST(name_list_test, finds_each_of_many_also_in_a_copy) {
  name_list x;
  for (auto i = 0; i < 5000; ++i)
    x.add(std::to_string(i));
  auto y = x;
  x.clear();
  EXPECT_EQ(y.all().size(), 5000u);
  for (auto i = 0; i < 5000; ++i)
    EXPECT_TRUE(y.contains(std::to_string(i))) << i;
  for (auto i = 5000; i < 10'000; ++i)
    EXPECT_FALSE(y.contains(std::to_string(i))) << i;
}

TEST(name_list_test, knows_channels_by_name_and_by_glob) {
  user x{"bob"};
  for (auto rule : {"&plain", "&g*", "&a[b]"})
    EXPECT_EQ(x.change(rule), "");
  auto& rules = x.selectors()[0];
  for (auto name : {"plain", "g", "glob", "ab"})
    EXPECT_TRUE(rules.allows_channel(name)) << name;
  // A glob is no channel of that name.
  for (auto name : {"a[b]", "plain2", "b", ""})
    EXPECT_FALSE(rules.allows_channel(name)) << name;
  EXPECT_TRUE(rules.allows_pattern("a[b]"));
  EXPECT_FALSE(rules.allows_pattern("g"));
}

/// Rules of one user are looked through where each command is checked.
TEST(name_list_test, bounds_what_is_walked_through) {
  user x{"bob"};
  for (auto i = 0; i < 1000; ++i) {
    EXPECT_EQ(x.change("~service:" + std::to_string(i)), "");
    EXPECT_EQ(x.change("#" + std::string(60, 'a') + std::to_string(1000 + i)),
              "");
  }
  EXPECT_NE(x.change("~more").find("at most 1000 patterns"),
            std::string_view::npos);
  EXPECT_NE(x.change("#" + std::string(64, 'b')).find("at most 1000 passwords"),
            std::string_view::npos);
  EXPECT_EQ(x.change("~service:7"), "");
  EXPECT_EQ(x.change("#" + std::string(60, 'a') + "1007"), "");
}

} // namespace
} // namespace saker::acl

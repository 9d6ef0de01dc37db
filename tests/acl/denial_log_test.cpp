#include "acl/denial_log.hpp"

#include <gtest/gtest.h>

namespace saker::acl {
namespace {

using namespace std::chrono_literals;

denied refused(std::string object, std::chrono::seconds at = 0s) {
  denied x;
  x.reason = "command";
  x.context = "toplevel";
  x.object = std::move(object);
  x.user = "bob";
  x.at = std::chrono::system_clock::time_point{at};
  x.client = "id=" + std::to_string(at.count());
  return x;
}

TEST(denial_log_test, keeps_the_newest_first) {
  denial_log x;
  x.add(refused("a"));
  x.add(refused("b"));
  ASSERT_EQ(x.size(), 2u);
  EXPECT_EQ(x.newest()[0].object, "b");
  EXPECT_EQ(x.newest(1).size(), 1u);
  x.clear();
  EXPECT_EQ(x.newest().size(), 0u);
}

TEST(denial_log_test, counts_what_is_alike_within_a_minute) {
  denial_log x;
  x.add(refused("a", 0s));
  x.add(refused("b", 1s));
  x.add(refused("a", 60s));
  ASSERT_EQ(x.size(), 2u);
  EXPECT_EQ(x.newest()[0].count, 2u);
  EXPECT_EQ(x.newest()[0].client, "id=60");
  x.add(refused("a", 121s));
  EXPECT_EQ(x.size(), 3u);
  auto other = refused("a", 121s);
  other.context = "multi";
  x.add(other);
  other.user = "ann";
  x.add(other);
  other.reason = "channel";
  x.add(other);
  EXPECT_EQ(x.size(), 6u);
}

TEST(denial_log_test, looks_back_ten_entries) {
  denial_log x;
  x.add(refused("a"));
  for (auto i = 0; i < 10; ++i)
    x.add(refused(std::to_string(i)));
  x.add(refused("0")); // the tenth
  EXPECT_EQ(x.size(), 11u);
  x.add(refused("a")); // the eleventh
  EXPECT_EQ(x.size(), 12u);
}

TEST(denial_log_test, has_bounds) {
  denial_log x{2};
  for (auto name : {"a", "b", "c"})
    x.add(refused(name));
  EXPECT_EQ(x.size(), 2u);
  x.set_length(1);
  EXPECT_EQ(x.size(), 2u) << "until the next one";
  auto large = refused(std::string(1 << 20, 'x'));
  large.user = std::string(1 << 20, 'x');
  large.client = std::string(1 << 20, 'x');
  x.add(large);
  ASSERT_EQ(x.size(), 1u);
  EXPECT_EQ(x.newest()[0].object.size(), denial_log::longest_name);
  EXPECT_EQ(x.newest()[0].user.size(), denial_log::longest_name);
  EXPECT_EQ(x.newest()[0].client.size(), denial_log::longest_client);
  x.set_length(0);
  x.add(refused("a"));
  EXPECT_EQ(x.size(), 0u);
}

} // namespace
} // namespace saker::acl

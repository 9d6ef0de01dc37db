#include "session/audit_limit.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace saker::session {
namespace {

using namespace std::chrono_literals;

using excess_list = std::vector<audit_limit::excess>;

/// So many of `count` are admitted.
int admitted_of(audit_limit& uut, int count, audit_kind what,
                std::string_view user, audit_limit::time_point now) {
  auto result = 0;
  for (int i = 0; i < count; ++i)
    result += uut.admit(what, user, now) ? 1 : 0;
  return result;
}

class audit_limit_test : public ::testing::Test {
protected:
  int changes(int count, std::string_view user = "ann") {
    return admitted_of(uut, count, audit_kind::change, user, now);
  }

  int refusals(int count) {
    return admitted_of(uut, count, audit_kind::refusal, "ann", now);
  }

  audit_limit uut{3, 2};
  audit_limit::time_point now{1h};
};

TEST_F(audit_limit_test, lets_so_many_through_in_a_second) {
  EXPECT_EQ(changes(3), 3);
  EXPECT_FALSE(uut.counts());
  now += 999ms;
  EXPECT_EQ(changes(2), 0);
  EXPECT_TRUE(uut.counts());
  now += 1ms;
  EXPECT_EQ(changes(4), 3);
  EXPECT_EQ(uut.take(), (excess_list{{"ann", 3}}));
}

TEST_F(audit_limit_test, counts_the_rest_once) {
  EXPECT_EQ(changes(10), 3);
  EXPECT_EQ(refusals(10), 2);
  EXPECT_EQ(uut.take(), (excess_list{{"ann", 7}, {"", 8}}));
  EXPECT_FALSE(uut.counts());
  EXPECT_EQ(uut.take(), excess_list{});
  EXPECT_EQ(changes(1), 0) << "it is the same second";
  EXPECT_EQ(uut.take(), (excess_list{{"ann", 1}}));
}

TEST_F(audit_limit_test, a_flood_of_one_hides_no_other) {
  EXPECT_EQ(changes(1'000, "eve"), 3);
  EXPECT_EQ(refusals(1'000), 2);
  EXPECT_EQ(changes(3, "ann"), 3);
  EXPECT_EQ(uut.take(), (excess_list{{"eve", 997}, {"", 998}}));
}

TEST_F(audit_limit_test, logins_hide_no_changes) {
  EXPECT_EQ(admitted_of(uut, 9, audit_kind::login, "ann", now), 3);
  EXPECT_EQ(changes(4), 3);
  EXPECT_EQ(uut.take(), (excess_list{{"ann", 7}})) << "told as one number";
}

TEST_F(audit_limit_test, its_memory_has_a_bound) {
  auto user = [](std::size_t i) { return "u" + std::to_string(i); };
  for (std::size_t i = 0; i < audit_limit::most_users; ++i)
    EXPECT_EQ(changes(1, user(i)), 1);
  EXPECT_EQ(changes(2, "x"), 2);
  EXPECT_EQ(changes(2, "y"), 1) << "they share what others have";
  EXPECT_EQ(uut.take(), (excess_list{{"*", 1}}));
  now += 1s;
  EXPECT_EQ(changes(3, "x"), 3);
  EXPECT_EQ(changes(3, "y"), 3) << "nobody else did anything lately";
}

TEST_F(audit_limit_test, forgets_nobody_whose_number_is_due) {
  EXPECT_EQ(changes(4, "eve"), 3);
  now += 1s;
  for (std::size_t i = 0; i < 2 * audit_limit::most_users; ++i)
    changes(1, "u" + std::to_string(i));
  auto all = uut.take();
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.front().user, "*");
  EXPECT_TRUE(std::find(all.begin(), all.end(), audit_limit::excess{"eve", 1})
              != all.end());
}

} // namespace
} // namespace saker::session

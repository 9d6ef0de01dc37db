#include "keeper/ownership.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <sys/resource.h>

namespace saker::keeper {
namespace {

TEST(heritage_test, is_read_from_the_limit_it_was_written_to) {
  for (auto spared : {false, true})
    for (family of : {family{2}, family{0xffff'ffff'fffe}}) {
      auto limit = to_limit({of, spared});
      EXPECT_LT(limit, RLIM_INFINITY / 2);
      EXPECT_EQ(from_limit(limit), (heritage{of, spared}));
    }
}

TEST(heritage_test, is_not_read_from_limits_that_people_set) {
  for (std::uint64_t x :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1024},
        std::uint64_t{1} << 48, std::uint64_t{RLIM_INFINITY},
        std::uint64_t{RLIM_INFINITY} / 2, to_limit({0, true})})
    EXPECT_FALSE(from_limit(x)) << x;
}

class ownership_test : public ::testing::Test {
protected:
  std::vector<process::limit> locks(const process::spec& x) {
    std::vector<process::limit> found;
    std::copy_if(x.limits.begin(), x.limits.end(), std::back_inserter(found),
                 [](auto& y) { return y.resource == RLIMIT_LOCKS; });
    return found;
  }

  ownership uut{"/run/saker"};
  process::instance_marker web{"web#0", 7};
};

TEST_F(ownership_test, gives_each_start_of_each_keeper_a_family_of_its_own) {
  ownership other{"/run/other"};
  std::vector<family> all{uut.family_of(web), uut.family_of({"web#0", 8}),
                          uut.family_of({"web#1", 7}), other.family_of(web)};
  for (auto x : all) {
    EXPECT_NE(x, 0u);
    EXPECT_EQ(from_limit(to_limit({x, false}))->of, x);
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
  EXPECT_EQ(uut.family_of(web), ownership{"/run/saker"}.family_of(web));
  // Of a process that an earlier version started.
  EXPECT_EQ(uut.family_of(web), 0x68880d21bf34u);
}

TEST_F(ownership_test, marks_environment_and_limit) {
  process::spec x;
  x.env = {"A=b", "SAKER_INSTANCE=forged#1", "SAKER_RUNTIME_DIR=/forged"};
  uut.mark(x, web, true);
  EXPECT_EQ(x.env, (std::vector<std::string>{"A=b", "SAKER_INSTANCE=web#0#7",
                                             "SAKER_RUNTIME_DIR=/run/saker"}));
  ASSERT_EQ(locks(x).size(), 1u);
  EXPECT_EQ(from_limit(locks(x)[0].soft), (heritage{uut.family_of(web), true}));
  EXPECT_EQ(locks(x)[0].hard, RLIM_INFINITY);
}

TEST_F(ownership_test, leaves_a_limit_that_was_asked_for) {
  process::spec x;
  x.limits = {{RLIMIT_LOCKS, 5, 6}};
  uut.mark(x, web, false);
  EXPECT_EQ(locks(x), (std::vector<process::limit>{{RLIMIT_LOCKS, 5, 6}}));
}

} // namespace
} // namespace saker::keeper

#include "process/spec.hpp"

#include <gtest/gtest.h>

namespace saker::process {
namespace {

TEST(limit_name_test, is_understood_in_every_usual_form) {
  for (auto name : {"nofile", "NOFILE", "RLIMIT_NOFILE", "rlimit_nofile"})
    EXPECT_EQ(limit_number(name), RLIMIT_NOFILE) << name;
  for (auto name : {"", "nofiles", "RLIMIT_", "file"})
    EXPECT_EQ(limit_number(name), std::nullopt) << name;
}

TEST(limit_name_test, goes_there_and_back_for_every_limit) {
  for (auto& name : limit_names())
    EXPECT_EQ(limit_name(*limit_number(name)), name);
  EXPECT_EQ(limit_names().size(), std::size_t{RLIM_NLIMITS});
  EXPECT_EQ(limit_name(99), "");
}

} // namespace
} // namespace saker::process

#include "base/result.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace saker {
namespace {

result<int> half(int x) {
  if (x % 2 != 0)
    return fail(errc::invalid_argument, "odd");
  return x / 2;
}

TEST(result_test, holds_a_value_or_why_there_is_none) {
  EXPECT_EQ(*half(4), 2);
  ASSERT_FALSE(half(3));
  EXPECT_EQ(half(3).error(), fail(errc::invalid_argument, "odd"));
}

TEST(result_test, throws_when_a_failure_is_taken_for_a_value) {
  EXPECT_THROW(half(3).value(), std::logic_error);
}

TEST(result_test, names_the_call_the_object_and_the_reason) {
  EXPECT_EQ(to_string(system_failure("open", "/x", ENOENT)),
            "input/output error: open /x: No such file or directory");
  EXPECT_EQ(errno_name(EACCES), "EACCES");
  EXPECT_EQ(errno_name(12345), "unknown");
}

TEST(result_test, every_code_has_a_name) {
  for (auto i = 0; i <= static_cast<int>(errc::corrupt); ++i)
    EXPECT_NE(to_string(static_cast<errc>(i)), "unknown error") << i;
  EXPECT_EQ(to_string(static_cast<errc>(200)), "unknown error");
}

} // namespace
} // namespace saker

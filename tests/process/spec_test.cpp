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

TEST(check_size_test, takes_what_linux_takes) {
  std::string longest(max_argument, 'x');
  EXPECT_TRUE(check_size({"prog", longest}, {longest}));
  EXPECT_TRUE(check_size({}, {}));
}

TEST(check_size_test, names_what_is_too_long_and_no_secret) {
  std::string longer(max_argument + 1, 'x');
  auto x = check_size({"prog", "", longer}, {});
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error(),
            fail(errc::limit, "Argument list too long: argument 3 has 131072 "
                              "bytes, at most 131071 in one"));
  EXPECT_EQ(check_size({longer}, {}).error().detail,
            "Argument list too long: argument 1 has 131072 bytes, at most "
            "131071 in one");
  EXPECT_EQ(check_size({"prog"}, {"A=b", "TOKEN=" + longer}).error().detail,
            "Argument list too long: variable TOKEN has 131078 bytes, at most "
            "131071 in one");
}

TEST(check_size_test, counts_all_together_with_their_pointers) {
  std::vector<std::string> many(max_arguments / 9, "");
  EXPECT_TRUE(check_size(many, {}));
  many.emplace_back();
  EXPECT_EQ(check_size(many, {}).error().detail,
            "Argument list too long: arguments and environment have 1048581 "
            "bytes, at most 1048576 together");
}

} // namespace
} // namespace saker::process

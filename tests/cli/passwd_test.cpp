#include "cli/passwd.hpp"

#include "base/unique_fd.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

namespace saker::cli {
namespace {

using state = hidden_line::state;

/// What stands there after these keys.
std::string typed(std::string_view keys) {
  hidden_line line;
  for (auto x : keys)
    EXPECT_EQ(line.type(x), state::open);
  return line.text();
}

TEST(passwd_test, makes_the_lines_of_the_configuration) {
  auto x = password_lines("secret");
  ASSERT_TRUE(x);
  EXPECT_EQ(*x, "[users.default]\npassword-hash = "
                "\"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527"
                "a25b\"\n");
}

TEST(passwd_test, an_endless_one_is_none) {
  EXPECT_TRUE(password_lines(std::string(65536, 'x')));
  EXPECT_FALSE(password_lines(std::string(65537, 'x')));
}

TEST(passwd_test, an_empty_one_is_none) {
  EXPECT_FALSE(password_lines(""));
}

TEST(passwd_test, enter_ends_the_line) {
  hidden_line line;
  EXPECT_EQ(line.type('a'), state::open);
  EXPECT_EQ(line.type('\r'), state::done);
  EXPECT_EQ(line.type('\n'), state::done);
  EXPECT_EQ(line.text(), "a");
}

TEST(passwd_test, mistakes_can_be_erased) {
  EXPECT_EQ(typed("ab\x7f"
                  "c"),
            "ac");
  EXPECT_EQ(typed("ab\b\b\bc"), "c");
  EXPECT_EQ(typed("aä日\x7f\x7f"), "a");
  EXPECT_EQ(typed("abc\x15"
                  "d"),
            "d");
}

TEST(passwd_test, ctrl_c_and_ctrl_d_give_up) {
  EXPECT_EQ(hidden_line{}.type(3), state::given_up);
  EXPECT_EQ(hidden_line{}.type(4), state::given_up);
}

TEST(passwd_test, what_is_no_terminal_cannot_hide_anything) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  unique_fd in{fds[0]}, out{fds[1]};
  EXPECT_FALSE(read_hidden(in.get(), ""));
}

} // namespace
} // namespace saker::cli

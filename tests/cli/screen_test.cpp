#include "cli/screen.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace saker::cli {
namespace {

TEST(screen_test, colours_need_a_terminal_that_knows_them) {
  EXPECT_TRUE(colours_wanted("xterm", ""));
  EXPECT_FALSE(colours_wanted("dumb", ""));
  EXPECT_FALSE(colours_wanted("", ""));
}

TEST(screen_test, no_color_forbids_them) {
  EXPECT_FALSE(colours_wanted("xterm", "1"));
  EXPECT_FALSE(colours_wanted("xterm", "0")); // anything but an empty one
}

TEST(screen_test, the_locale_tells_what_it_shows) {
  EXPECT_TRUE(speaks_utf8("", "", "en_US.UTF-8"));
  EXPECT_TRUE(speaks_utf8("", "", "C.utf8"));
  EXPECT_TRUE(speaks_utf8("", "de_DE.UTF-8@euro", "C"));
  EXPECT_FALSE(speaks_utf8("C", "", "en_US.UTF-8"));
  EXPECT_FALSE(speaks_utf8("", "POSIX", "en_US.UTF-8"));
  EXPECT_FALSE(speaks_utf8("", "", "de_DE.ISO-8859-1"));
  EXPECT_FALSE(speaks_utf8("", "", "de_DE"));
  EXPECT_FALSE(speaks_utf8("", "", ""));
}

TEST(screen_test, signs_are_for_terminals_that_show_them) {
  screen x{true, false, 80, 24, true};
  EXPECT_TRUE(x.paper().signs);
  EXPECT_FALSE(x.paper().ascii);
  x.utf8 = false;
  EXPECT_FALSE(x.paper().signs);
  EXPECT_TRUE(x.paper().ascii);
  x = {false, false, 80, 24, true}; // programs read "-" there
  EXPECT_FALSE(x.paper().signs);
  EXPECT_FALSE(x.paper().ascii);
}

TEST(screen_test, a_pipe_has_no_width_and_no_colour) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  auto x = screen_of(fds[1]);
  EXPECT_FALSE(x.terminal);
  EXPECT_FALSE(x.colour);
  EXPECT_FALSE(x.paper().width);
  ::close(fds[0]);
  ::close(fds[1]);
}

TEST(screen_test, a_terminal_has_the_size_it_has) {
  auto master = ::posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(master, 0);
  ASSERT_EQ(::grantpt(master), 0);
  ASSERT_EQ(::unlockpt(master), 0);
  char name[64];
  ASSERT_EQ(::ptsname_r(master, name, sizeof(name)), 0);
  auto slave = ::open(name, O_RDWR | O_NOCTTY);
  ASSERT_GE(slave, 0);
  winsize size{17, 33, 0, 0};
  ASSERT_EQ(::ioctl(master, TIOCSWINSZ, &size), 0);
  auto x = screen_of(slave);
  EXPECT_TRUE(x.terminal);
  EXPECT_EQ(x.width, 33u);
  EXPECT_EQ(x.height, 17u);
  EXPECT_EQ(x.paper().width, 33u);
  ::close(slave);
  ::close(master);
}

} // namespace
} // namespace saker::cli

#include "process/exit_status.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace saker::process {
namespace {

siginfo_t info(int code, int status) {
  siginfo_t x = {};
  x.si_code = code;
  x.si_status = status;
  return x;
}

TEST(exit_status_test, tells_the_three_ways_to_end_apart) {
  EXPECT_EQ(exit_status::from(info(CLD_EXITED, 3)), exit_status::exited(3));
  EXPECT_EQ(exit_status::from(info(CLD_KILLED, SIGKILL)),
            exit_status::signaled(SIGKILL));
  EXPECT_EQ(exit_status::from(info(CLD_DUMPED, SIGSEGV)),
            exit_status::signaled(SIGSEGV, true));
  EXPECT_EQ(exit_status::from(info(CLD_STOPPED, SIGSTOP)),
            exit_status::unknown());
}

TEST(exit_status_test, reads_the_status_word_of_wait) {
  EXPECT_EQ(exit_status::from_wait_status(42 << 8), exit_status::exited(42));
  EXPECT_EQ(exit_status::from_wait_status(9), exit_status::signaled(9));
  EXPECT_EQ(exit_status::from_wait_status(11 | 0x80),
            exit_status::signaled(11, true));
}

TEST(exit_status_test, succeeds_only_with_code_zero) {
  EXPECT_TRUE(exit_status::exited(0).success());
  EXPECT_FALSE(exit_status::exited(1).success());
  EXPECT_FALSE(exit_status::unknown().success());
  EXPECT_FALSE(exit_status::signaled(0).success());
}

TEST(exit_status_test, reads_like_a_sentence) {
  EXPECT_EQ(to_string(exit_status::exited(1)), "exit 1");
  EXPECT_EQ(to_string(exit_status::signaled(SIGTERM)), "SIGTERM");
  EXPECT_EQ(to_string(exit_status::signaled(SIGSEGV, true)), "SIGSEGV (core)");
  EXPECT_EQ(to_string(exit_status::unknown()), "unknown");
}

TEST(signal_name_test, is_understood_in_every_usual_form) {
  for (auto name : {"TERM", "SIGTERM", "sigterm", "Term", "15"})
    EXPECT_EQ(signal_number(name), SIGTERM) << name;
  EXPECT_EQ(signal_number("RTMIN"), SIGRTMIN);
  EXPECT_EQ(signal_number("SIGRTMIN+1"), SIGRTMIN + 1);
  EXPECT_EQ(signal_number("RTMAX-2"), SIGRTMAX - 2);
  EXPECT_EQ(signal_number("CLD"), SIGCHLD);
}

TEST(signal_name_test, refuses_what_is_no_signal) {
  for (auto name : {"", "SIG", "TERMX", "0", "-9", "65", "RTMIN-1", "RTMAX+1",
                    "RTMIN+99", "RTMIN+", "1.5"})
    EXPECT_EQ(signal_number(name), std::nullopt) << name;
}

TEST(signal_name_test, goes_there_and_back_for_every_signal) {
  for (auto number = 1; number <= SIGRTMAX; ++number)
    if (number < 32 || number >= SIGRTMIN) { // the C library keeps two
      EXPECT_EQ(signal_number(signal_name(number)), number) << number;
    }
  EXPECT_EQ(signal_name(99), "signal 99");
  EXPECT_EQ(signal_name(0), "signal 0");
}

} // namespace
} // namespace saker::process

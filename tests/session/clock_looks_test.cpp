// How often the clock is read to tell how long commands take.
#include "session/slow_log.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

using namespace std::chrono_literals;
using resp::command_id;

struct counting_clock {
  static inline command_statistics::time_point now;
  static inline int looks = 0;

  /// Each look takes 1 µs.
  static command_statistics::time_point look() {
    ++looks;
    return now += 1us;
  }
};

/// One client whose commands are counted, and measured for SLOWLOG and LATENCY
/// as `slower_than` wants it.
class measured_client {
public:
  explicit measured_client(std::chrono::microseconds slower_than)
    : client_(config(slower_than)) {
    client_.uut.count_in(counts);
    counting_clock::now = client_.now.steady;
  }

  /// Looks at the clock for these bytes in one read.
  int looks_for(std::string_view bytes) {
    counting_clock::looks = 0;
    client_.now.steady = counting_clock::now;
    client_.feed(bytes);
    return counting_clock::looks;
  }

  std::chrono::nanoseconds time_of(command_id what) const {
    return counts.figures(what).time;
  }

  /// Of the newest entry of the slow log.
  std::chrono::microseconds slow() const {
    return log_->newest(1).at(0).took;
  }

  command_statistics counts{false, counting_clock::look};

private:
  settings config(std::chrono::microseconds slower_than) {
    log_ = std::make_shared<slow_log>(
      slower_than, 128,
      slow_log::clocks{counting_clock::look, [] { return test::at(0).wall; }});
    auto x = test::default_settings();
    x.slow = log_;
    return x;
  }

  std::shared_ptr<slow_log> log_;
  test::world client_;
};

TEST(clock_looks_test, one_for_a_row_of_equal_commands) {
  measured_client x{10ms};
  EXPECT_EQ(x.looks_for("PING\r\n"), 1);
  EXPECT_EQ(x.looks_for("PING\r\nPING\r\nPING\r\nPING\r\n"), 1);
  EXPECT_EQ(x.counts.figures(command_id::ping).calls, 5u);
}

TEST(clock_looks_test, one_where_one_command_ends_and_the_next_begins) {
  measured_client x{10ms};
  EXPECT_EQ(x.looks_for("PING\r\nECHO a\r\nTIME\r\nPING\r\n"), 4);
  EXPECT_EQ(x.time_of(command_id::ping), 2us);
  EXPECT_EQ(x.time_of(command_id::echo), 1us);
  EXPECT_EQ(x.time_of(command_id::time), 1us);
}

TEST(clock_looks_test, the_slow_log_needs_none_of_its_own) {
  measured_client x{10ms};
  // HELP is not fast: it is measured whatever the limit is.
  EXPECT_EQ(x.looks_for("HELP\r\nHELP\r\nPING\r\nPING\r\nHELP\r\n"), 4);
  EXPECT_EQ(x.time_of(command_id::help), 3us);
  EXPECT_EQ(x.time_of(command_id::ping), 1us);
}

TEST(clock_looks_test, one_for_each_command_when_all_are_measured) {
  measured_client x{0us};
  EXPECT_EQ(x.looks_for("PING\r\nPING\r\nHELP\r\nECHO a\r\n"), 4);
  EXPECT_EQ(x.slow(), 1us);
  EXPECT_EQ(x.time_of(command_id::ping), 2us);
  EXPECT_EQ(x.time_of(command_id::help), 1us);
}

TEST(clock_looks_test, none_for_what_is_refused_or_left_to_others) {
  measured_client x{10ms};
  EXPECT_EQ(x.looks_for("NOSUCH\r\nECHO\r\nCLIENT FOO\r\n"), 0);
  // It is counted when the answer comes.
  EXPECT_EQ(x.looks_for("SVSTATUS\r\nSVSTATUS\r\n"), 2);
  EXPECT_EQ(x.counts.figures(command_id::svstatus).calls, 2u);
}

TEST(clock_looks_test, what_was_refused_is_nobody_elses_time) {
  measured_client x{10ms};
  // One look where what was refused ends, one where PING ends.
  EXPECT_EQ(x.looks_for("NOSUCH\r\nNOSUCH\r\nPING\r\n"), 2);
  EXPECT_EQ(x.time_of(command_id::ping), 1us);
}

TEST(clock_looks_test, what_waits_for_exec_is_no_time_of_multi) {
  measured_client x{10ms};
  EXPECT_EQ(x.looks_for("MULTI\r\nPING\r\nPING\r\nPING\r\nEXEC\r\n"), 4);
  EXPECT_EQ(x.time_of(command_id::multi), 1us);
  EXPECT_EQ(x.time_of(command_id::exec), 1us);
  EXPECT_EQ(x.time_of(command_id::ping), 1us);
}

} // namespace
} // namespace saker::session

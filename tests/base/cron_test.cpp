#include "base/cron.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace saker {
namespace {

using namespace std::chrono;

/// `2026-03-29 01:59:00` as if it were UTC.
sys_seconds at(const char* text) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  EXPECT_GE(std::sscanf(text, "%d-%d-%d %d:%d:%d", &y, &mo, &d, &h, &mi, &s),
            3);
  return sys_days{year{y} / mo / d} + hours{h} + minutes{mi} + seconds{s};
}

std::string show(std::optional<sys_seconds> x) {
  if (!x)
    return "never";
  auto day = floor<days>(*x);
  year_month_day date{day};
  hh_mm_ss time{*x - day};
  char text[64];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02u %02d:%02d:%02d",
                int{date.year()}, unsigned{date.month()}, unsigned{date.day()},
                static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

seconds utc(sys_seconds) {
  return seconds{0};
}

/// Central Europe in 2026: summer time begins on 29 March at 01:00 UTC (02:00
/// becomes 03:00) and ends on 25 October at 01:00 UTC (03:00 becomes 02:00).
seconds berlin(sys_seconds x) {
  auto summer = x >= at("2026-03-29 01:00:00") && x < at("2026-10-25 01:00:00");
  return hours{summer ? 2 : 1};
}

cron parsed(const char* text) {
  auto x = cron::parse(text);
  EXPECT_TRUE(x) << x.error().detail;
  return *x;
}

std::string
next(const char* text, const char* after, const utc_offset& zone = utc) {
  return show(parsed(text).next(at(after), zone));
}

std::string why(const char* text) {
  auto x = cron::parse(text);
  EXPECT_FALSE(x) << text;
  EXPECT_EQ(x.has_error() ? x.error().code : errc::none, errc::syntax);
  return x.has_error() ? x.error().detail : "";
}

TEST(cron_test, finds_the_next_minute_after_a_time) {
  EXPECT_EQ(next("* * * * *", "2026-01-01 00:00:00"), "2026-01-01 00:01:00");
  EXPECT_EQ(next("* * * * *", "2026-01-01 00:00:59"), "2026-01-01 00:01:00");
  EXPECT_EQ(next("*/5 * * * *", "2026-01-01 00:05:00"), "2026-01-01 00:10:00");
  EXPECT_EQ(next("*/7 * * * *", "2026-01-01 00:57:00"), "2026-01-01 01:00:00");
  EXPECT_EQ(next("30 4 * * *", "2026-01-01 04:29:59"), "2026-01-01 04:30:00");
  EXPECT_EQ(next("30 4 * * *", "2026-01-01 04:30:00"), "2026-01-02 04:30:00");
  EXPECT_EQ(next("0,15,45 8-10 * * *", "2026-01-01 08:15:00"),
            "2026-01-01 08:45:00");
  EXPECT_EQ(next("0,15,45 8-10 * * *", "2026-01-01 10:45:00"),
            "2026-01-02 08:00:00");
  EXPECT_EQ(next("10-40/15 * * * *", "2026-01-01 00:10:00"),
            "2026-01-01 00:25:00");
  EXPECT_EQ(next("10-40/15 * * * *", "2026-01-01 00:40:00"),
            "2026-01-01 01:10:00");
  EXPECT_EQ(next("50/4 * * * *", "2026-01-01 00:54:00"), "2026-01-01 00:58:00");
}

TEST(cron_test, finds_days_and_months) {
  EXPECT_EQ(next("0 0 1 * *", "2026-01-01 00:00:00"), "2026-02-01 00:00:00");
  EXPECT_EQ(next("0 0 31 * *", "2026-01-31 00:00:00"), "2026-03-31 00:00:00");
  EXPECT_EQ(next("0 0 29 2 *", "2026-01-01 00:00:00"), "2028-02-29 00:00:00");
  EXPECT_EQ(next("5 4 * jun-AUG *", "2026-08-31 04:05:00"),
            "2027-06-01 04:05:00");
  // A Thursday.
  EXPECT_EQ(next("0 9 * * mon-fri", "2026-01-01 10:00:00"),
            "2026-01-02 09:00:00");
  EXPECT_EQ(next("0 9 * * mon-fri", "2026-01-02 10:00:00"),
            "2026-01-05 09:00:00");
  EXPECT_EQ(next("0 9 * * 0", "2026-01-01 10:00:00"), "2026-01-04 09:00:00");
  EXPECT_EQ(next("0 9 * * 7", "2026-01-01 10:00:00"), "2026-01-04 09:00:00");
  EXPECT_EQ(next("0 9 * * 5-7", "2026-01-03 10:00:00"), "2026-01-04 09:00:00");
  EXPECT_EQ(next("0 0 29 2 */6", "2026-01-01 00:00:00"),
            "2032-02-29 00:00:00"); // a Sunday
}

TEST(cron_test, takes_either_day_if_both_are_restricted) {
  EXPECT_EQ(next("0 0 13 * fri", "2026-01-01 00:00:00"), "2026-01-02 00:00:00");
  EXPECT_EQ(next("0 0 13 * fri", "2026-01-09 00:00:00"), "2026-01-13 00:00:00");
  // A star, with a step too, is no restriction of its own.
  EXPECT_EQ(next("0 0 13 * */5", "2026-01-01 00:00:00"), "2026-02-13 00:00:00");
}

TEST(cron_test, knows_short_forms) {
  EXPECT_EQ(next("@hourly", "2026-01-01 00:00:00"), "2026-01-01 01:00:00");
  EXPECT_EQ(next("@daily", "2026-01-01 00:00:00"), "2026-01-02 00:00:00");
  EXPECT_EQ(next("@Midnight", "2026-01-01 00:00:00"), "2026-01-02 00:00:00");
  EXPECT_EQ(next("@weekly", "2026-01-01 00:00:00"), "2026-01-04 00:00:00");
  EXPECT_EQ(next("@monthly", "2026-01-01 00:00:00"), "2026-02-01 00:00:00");
  EXPECT_EQ(next("@yearly", "2026-01-01 00:00:00"), "2027-01-01 00:00:00");
  EXPECT_EQ(next("@annually", "2026-01-01 00:00:00"), "2027-01-01 00:00:00");
}

TEST(cron_test, says_what_is_wrong) {
  auto has = [](const char* text, const char* words) {
    EXPECT_NE(why(text).find(words), std::string::npos) << why(text);
  };
  has("", "0 fields");
  has("* * * *", "4 fields");
  has("* * * * * *", "6 fields");
  has("60 * * * *", "minute \"60\" is not within 0 and 59");
  has("-1 * * * *", "minute \"\" is not within 0 and 59");
  has("* 24 * * *", "hour \"24\"");
  has("* * 0 * *", "day of month \"0\"");
  has("* * 32 * *", "day of month \"32\"");
  has("* * * 13 *", "month \"13\"");
  has("* * * * 8", "day of week \"8\"");
  has("* * * jann *", "did you mean \"jan\"");
  has("5-1 * * * *", "\"5-1\" is upside down");
  has("*/0 * * * *", "step");
  has("*/x * * * *", "step");
  has("1,,2 * * * *", "minute \"\"");
  has("+1 * * * *", "minute \"+1\"");
  has("@dayly", "did you mean \"@daily\"");
  has("0 0 30 feb *", "that day never comes");
  has("x", "write for example \"*/5 * * * *\"");
  EXPECT_TRUE(cron::parse("0 0 30 feb mon")); // Mondays do
}

// -- daylight saving -----------------------------------------------------------

TEST(cron_test, a_time_that_is_skipped_is_due_once_at_the_end_of_the_gap) {
  // 02:30 does not exist; the gap ends at 01:00 UTC.
  EXPECT_EQ(next("30 2 * * *", "2026-03-28 12:00:00", berlin),
            "2026-03-29 01:00:00");
  EXPECT_EQ(next("0,30 2 * * *", "2026-03-29 01:00:00", berlin),
            "2026-03-30 00:00:00");
  // Around it all is as usual.
  EXPECT_EQ(next("59 1 * * *", "2026-03-28 12:00:00", berlin),
            "2026-03-29 00:59:00");
  EXPECT_EQ(next("0 3 * * *", "2026-03-28 12:00:00", berlin),
            "2026-03-29 01:00:00");
  EXPECT_EQ(next("0 3 * * *", "2026-03-29 01:00:00", berlin),
            "2026-03-30 01:00:00");
}

TEST(cron_test, a_time_that_comes_twice_is_due_the_first_time_only) {
  EXPECT_EQ(next("30 2 * * *", "2026-10-24 12:00:00", berlin),
            "2026-10-25 00:30:00");
  EXPECT_EQ(next("30 2 * * *", "2026-10-25 00:30:00", berlin),
            "2026-10-26 01:30:00");
  EXPECT_EQ(next("30 2 * * *", "2026-10-25 01:10:00", berlin),
            "2026-10-26 01:30:00");
  EXPECT_EQ(next("0 3 * * *", "2026-10-25 00:30:00", berlin),
            "2026-10-25 02:00:00");
}

TEST(cron_test, stars_follow_elapsed_time) {
  // No 02:xx in spring: after 01:45 comes 03:00.
  EXPECT_EQ(next("*/15 * * * *", "2026-03-29 00:45:00", berlin),
            "2026-03-29 01:00:00");
  EXPECT_EQ(next("*/15 2 * * *", "2026-03-28 12:00:00", berlin),
            "2026-03-30 00:00:00");
  EXPECT_EQ(next("0 * * * *", "2026-03-29 00:00:00", berlin),
            "2026-03-29 01:00:00");
  // 02:00 to 02:59 twice in autumn.
  EXPECT_EQ(next("0 * * * *", "2026-10-25 00:00:00", berlin),
            "2026-10-25 01:00:00");
  EXPECT_EQ(next("*/30 2 * * *", "2026-10-25 00:30:00", berlin),
            "2026-10-25 01:00:00");
  EXPECT_EQ(next("*/30 2 * * *", "2026-10-25 01:30:00", berlin),
            "2026-10-26 01:00:00");
}

/// What is due in a whole year, by both ways of going on.
TEST(cron_test, misses_nothing_over_a_year) {
  for (auto text : {"30 2 * * *", "0 0 * * *", "59 23 * * *", "0 3 * * sun"}) {
    auto when = parsed(text);
    auto x = at("2026-01-01 00:00:00");
    auto count = 0;
    for (std::optional<sys_seconds> y;
         (y = when.next(x, berlin)) && *y < at("2027-01-01 00:00:00"); x = *y) {
      ASSERT_GT(*y, x);
      ++count;
      // From any time before it the same comes next.
      ASSERT_EQ(when.next(*y - seconds{1}, berlin), y);
      ASSERT_EQ(when.next(x + (*y - x) / 2, berlin), y);
    }
    EXPECT_NEAR(count, std::string_view{text}.ends_with("sun") ? 52 : 365, 1)
      << text;
  }
}

TEST(cron_test, finds_the_end_of_a_gap_of_another_length) {
  // Lord Howe: half an hour, at a moment that is no whole hour of UTC.
  auto howe = [](sys_seconds x) {
    auto summer = x >= at("2026-10-03 15:30:00");
    return minutes{summer ? 660 : 630};
  };
  EXPECT_EQ(next("15 2 * * *", "2026-10-03 12:00:00", howe),
            "2026-10-03 15:30:00");
}

/// Sets TZ for the life of it.
class time_zone {
public:
  explicit time_zone(const char* value) {
    if (auto old = std::getenv("TZ"))
      old_ = old;
    ::setenv("TZ", value, 1);
    ::tzset();
  }

  ~time_zone() {
    if (old_)
      ::setenv("TZ", old_->c_str(), 1);
    else
      ::unsetenv("TZ");
    ::tzset();
  }

private:
  std::optional<std::string> old_;
};

TEST(cron_test, goes_by_the_time_zone_of_the_process) {
  time_zone here{"CET-1CEST,M3.5.0,M10.5.0/3"};
  EXPECT_EQ(local_offset(at("2026-01-01")), hours{1});
  EXPECT_EQ(local_offset(at("2026-07-01")), hours{2});
  EXPECT_EQ(show(parsed("30 2 * * *").next(at("2026-03-28 12:00:00"))),
            "2026-03-29 01:00:00");
}

// -- the clock is set (T-C8) ---------------------------------------------------

TEST(cron_clock_test, t_c8_is_due_once_for_each_time) {
  cron_clock uut{parsed("0 * * * *"), at("2026-01-01 00:30:00"), utc};
  EXPECT_EQ(uut.wait(at("2026-01-01 00:30:00")), seconds{60});
  EXPECT_EQ(uut.wait(at("2026-01-01 00:59:50")), seconds{10});
  EXPECT_FALSE(uut.due(at("2026-01-01 00:59:59")));
  EXPECT_TRUE(uut.due(at("2026-01-01 01:00:00")));
  EXPECT_FALSE(uut.due(at("2026-01-01 01:00:00")));
  EXPECT_EQ(show(uut.next()), "2026-01-01 02:00:00");
}

TEST(cron_clock_test, t_c8_is_due_once_after_the_clock_was_set_forward) {
  cron_clock uut{parsed("0 * * * *"), at("2026-01-01 00:30:00"), utc};
  EXPECT_TRUE(uut.due(at("2026-01-02 00:30:00")));
  EXPECT_FALSE(uut.due(at("2026-01-02 00:30:01")));
  EXPECT_EQ(show(uut.next()), "2026-01-02 01:00:00");
}

TEST(cron_clock_test, t_c8_is_not_due_twice_after_a_small_step_back) {
  cron_clock uut{parsed("0 * * * *"), at("2026-01-01 00:30:00"), utc};
  EXPECT_TRUE(uut.due(at("2026-01-01 01:00:00")));
  EXPECT_FALSE(uut.due(at("2025-12-31 22:30:00")));
  EXPECT_FALSE(uut.due(at("2026-01-01 01:00:00")));
  EXPECT_EQ(show(uut.next()), "2026-01-01 02:00:00");
}

TEST(cron_clock_test, t_c8_looks_anew_after_a_large_step_back) {
  cron_clock uut{parsed("0 * * * *"), at("2026-01-02 00:30:00"), utc};
  EXPECT_FALSE(uut.due(at("2026-01-01 00:30:00")));
  EXPECT_EQ(show(uut.next()), "2026-01-01 01:00:00");
  EXPECT_TRUE(uut.due(at("2026-01-01 01:00:00")));
}

} // namespace
} // namespace saker

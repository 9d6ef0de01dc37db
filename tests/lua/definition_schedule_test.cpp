#include "tests/lua/support/definition_reading.hpp"

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using namespace test;
using rule = supervision::schedule::overlap_rule;

TEST(definition_schedule_test, a_service_has_a_distance_or_times) {
  EXPECT_EQ(with("every = \"5m\"").when.every, 5min);
  EXPECT_FALSE(with("every = \"5m\"").when.at);
  EXPECT_EQ(with("cron = \" */5 * * * * \"").when.at->text, "*/5 * * * *");
  EXPECT_EQ(with("cron = \"@daily\", overlap = \"queue\"").when.overlap,
            rule::queue);
  EXPECT_EQ(with("every = \"1h\", overlap = \"kill\"").when.overlap,
            rule::kill);
  EXPECT_FALSE(with("every = false, cron = false").when);
}

TEST(definition_schedule_test, a_wrong_schedule_is_told) {
  EXPECT_EQ(error_of("every = \"1ms\""), "every must be 1s to 3650d, not "
                                         "\"1ms\"");
  EXPECT_EQ(error_of("every = 5"),
            "every must be a duration such as \"10s\", not 5");
  EXPECT_EQ(error_of("cron = 5"),
            "cron must be a text such as \"30 4 * * *\" (at 4:30), not 5");
  EXPECT_EQ(error_of("cron = \"* * * *\""),
            "cron: \"* * * *\" is no schedule: it has 4 fields instead of 5; "
            "write for example \"*/5 * * * *\" (minute, hour, day of month, "
            "month, day of week)");
  EXPECT_EQ(error_of("cron = \"0 0 31 2 *\""),
            "cron: \"0 0 31 2 *\" is no schedule: that day never comes; write "
            "for example \"*/5 * * * *\" (minute, hour, day of month, month, "
            "day of week)");
  EXPECT_NE(error_of("cron = \"0 0 1 1 mno\"").find("did you mean \"mon\""),
            std::string::npos);
  EXPECT_EQ(error_of("every = \"1h\", overlap = \"skp\""),
            "overlap must be \"skip\", \"queue\" or \"kill\", not \"skp\" "
            "(did you mean \"skip\"?)");
  EXPECT_EQ(error_of("every = \"1h\", cron = \"@daily\""),
            "every and cron exclude each other: a service has one schedule");
}

TEST(definition_schedule_test, an_overlap_without_a_schedule_is_doubtful) {
  auto all = read("service \"web\" { exec = {\"web\"}, overlap = \"kill\" }");
  EXPECT_EQ(told(all.warnings), "a.lua:1: service \"web\": overlap has no "
                                "meaning without every or cron\n");
}

} // namespace
} // namespace saker::lua

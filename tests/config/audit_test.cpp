#include "tests/config/loading.hpp"

namespace saker::config {
namespace {

using namespace std::chrono_literals;

using test::complaint;
using test::complaint_about_set;
using test::loaded;
using test::loaded_with_set;

TEST(audit_settings_test, tell_of_changes_by_default) {
  auto x = loaded("").audit;
  EXPECT_EQ(x.commands, audited_commands::changes);
  EXPECT_FALSE(x.scripts);
  EXPECT_EQ(x.per_second, 100u);
  EXPECT_EQ(x.refused_per_second, 10u);
  EXPECT_EQ(x.keep_entries, 10'000u);
  EXPECT_EQ(x.keep_time, 24h * 90);
}

TEST(audit_settings_test, are_read) {
  auto x = loaded("[audit]\ncommands = \"all\"\nscripts = true\n"
                  "per-second = 7\nrefused-per-second = 8\n")
             .audit;
  EXPECT_EQ(x.commands, audited_commands::all);
  EXPECT_TRUE(x.scripts);
  EXPECT_EQ(x.per_second, 7u);
  EXPECT_EQ(x.refused_per_second, 8u);
  x = loaded("[audit]\nkeep = \"7 entries, 2h\"").audit;
  EXPECT_EQ(x.keep_entries, 7u);
  EXPECT_EQ(x.keep_time, 2h);
  EXPECT_EQ(loaded_with_set("audit.commands=none").audit.commands,
            audited_commands::none);
}

TEST(audit_settings_test, say_what_is_wrong_and_where) {
  EXPECT_EQ(complaint("[audit]\ncommands = \"change\""),
            "2: audit.commands: \"change\" is not one of none, changes, all "
            "(did you mean \"changes\"?)");
  EXPECT_EQ(complaint("[audit]\nscripts = 1"),
            "2: audit.scripts: must be true or false, not a whole number");
  EXPECT_EQ(complaint("[audit]\nper-second = 0"),
            "2: audit.per-second: must be from 1 to 10000, not 0");
  EXPECT_EQ(complaint("[audit]\nkeep = \"7 events\""),
            "2: audit.keep: must be a number of entries and a time, as in "
            "\"10000 entries, 90 days\"");
  EXPECT_EQ(complaint_about_set("audit.refused-per-second=10001"),
            "--set audit.refused-per-second=10001: must be from 1 to 10000, "
            "not 10001");
}

} // namespace
} // namespace saker::config

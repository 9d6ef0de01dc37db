// SVAUDIT: who did what, as the journal knows it.
#include "tests/support/roster_world.hpp"

namespace saker {
namespace {

using words = std::vector<std::string>;

using roster_audit_test = test::roster_world;

TEST_F(roster_audit_test, tells_what_the_journal_knows) {
  begin({});
  journal.events
    = {{{5, 1}, "ann", "svstop", R"({"user":"ann","client":7,"error":null})"}};
  auto all = say({"SVAUDIT"});
  ASSERT_EQ(all.items().size(), 1u);
  EXPECT_EQ(all.items()[0].find("user")->text(), "ann");
  EXPECT_EQ(all.items()[0].find("client")->integer(), 7);
  EXPECT_TRUE(all.items()[0].find("error")->is_null());
  EXPECT_EQ(journal.user, "");
  EXPECT_EQ(journal.count, 50u);
  say({"SVAUDIT", "user", "ann", "count", "3"});
  EXPECT_EQ(journal.user, "ann");
  EXPECT_EQ(journal.count, 3u);
}

TEST_F(roster_audit_test, says_what_is_wrong) {
  begin({});
  for (auto& wrong :
       {words{"SVAUDIT", "ann"}, words{"SVAUDIT", "COUNT"},
        words{"SVAUDIT", "COUNT", "x"}, words{"SVAUDIT", "COUNT", "10001"},
        words{"SVAUDIT", "COUNT", "5", "TEXT"}})
    EXPECT_TRUE(say(wrong).is_error()) << wrong.back();
  EXPECT_EQ(say({"SVAUDIT", "USR", "ann"}).text(),
            "ERR \"USR\" is no option of SVAUDIT; they are COUNT n and USER "
            "name");
  for (auto& wrong :
       {words{"SVAUDIT", "USER"}, words{"SVAUDIT", "COUNT", "5", "user", ""}})
    EXPECT_EQ(say(wrong).text(), "ERR USER needs the name of a user");
  EXPECT_EQ(journal.count, 0u) << "nobody was asked";
  journal.broken = true;
  EXPECT_EQ(say({"SVAUDIT"}).text(), "ERR disk full");
}

} // namespace
} // namespace saker

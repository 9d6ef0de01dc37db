#include "tests/support/roster_world.hpp"

#include <algorithm>
#include <cerrno>

namespace saker {
namespace {

using namespace std::chrono_literals;

using roster_status_test = test::roster_world;

TEST_F(roster_status_test, the_heading_tells_what_is_not_applied) {
  begin({make_service("a")});
  drift = drift_report{{"a.lua (changed)"}, {}};
  auto head = [this] {
    auto text = std::string{say({"SVSTATUS", "TEXT"}).text()};
    return text.substr(0, text.find("NAME"));
  };
  auto told
    = "SAFE MODE\nnot applied: a.lua (changed): SVAPPLY applies what is "
      "there\n";
  EXPECT_EQ(head(), told);
  // A disk that hangs: what was known last.
  drift = std::nullopt;
  auto id = self
              ->request(uut, caf::infinite, atom::call_v,
                        to_call({"SVSTATUS", "TEXT"}))
              .id();
  settle();
  EXPECT_FALSE(answer<resp::value>(id));
  advance(300ms);
  auto late = answer<resp::value>(id);
  ASSERT_TRUE(late && *late);
  EXPECT_TRUE((*late)->text().starts_with(told));
  drift = drift_report{};
  EXPECT_EQ(head(), "SAFE MODE\n");
}

TEST_F(roster_status_test, the_heading_tells_the_errors_of_an_apply) {
  begin({make_service("a")});
  drift = drift_report{{"b.lua (new)"}, {}};
  definitions.next.errors = {"/x/b.lua:7: no"};
  definitions.next.services.emplace("a", make_service("a"));
  say({"SVAPPLY"});
  auto text = std::string{say({"SVSTATUS", "TEXT"}).text()};
  EXPECT_NE(text.find("b.lua has an error: line 7: no\n"), std::string::npos)
    << text;
  EXPECT_EQ(text.find("not applied"), std::string::npos);
}

TEST_F(roster_status_test, names_what_was_meant_when_a_mask_matches_nothing) {
  begin({make_service("database")});
  auto x = say({"SVSTATUS", "databse"});
  EXPECT_EQ(x.text().substr(0, 9), "NOSERVICE");
  EXPECT_NE(x.text().find("database"), std::string::npos);
}

TEST_F(roster_status_test, answers_nothing_for_everything_of_nothing) {
  begin({});
  EXPECT_EQ(say({"SVSTATUS"}).items().size(), 0u);
  EXPECT_EQ(say({"SVSTATUS", "*"}).items().size(), 0u);
  EXPECT_FALSE(say({"SVSTATUS"}).is_error());
}

TEST_F(roster_status_test, shows_an_accepted_wish_to_whoever_asks_next) {
  mute = true; // its supervisor has not told yet
  begin({make_service("a")});
  self->request(uut, caf::infinite, atom::call_v, to_call({"SVSTOP", "a"}));
  auto rows = say({"SVSTATUS", "a"});
  EXPECT_EQ(rows.items()[0].find("intent")->text(), "down");
  EXPECT_EQ(rows.items()[0].find("intent_by")->text(), "amy@here");
}

TEST_F(roster_status_test, shows_why_a_service_failed_and_what_it_said_last) {
  disk.last_line = "no such table";
  begin({make_service("db")});
  keeper.fail_start("db#0", "exec", ENOENT, "/bin/db");
  settle();
  auto x = say({"SVSTATUS", "TEXT"});
  for (auto part : {"failed", "no such table", "/var/lib/saker/log/db.log"})
    EXPECT_NE(x.text().find(part), std::string::npos) << x.text();
  may = {};
  may.add(resp::right::status); // to look, not to read what it puts out
  x = say({"SVSTATUS", "TEXT"});
  EXPECT_NE(x.text().find("failed"), std::string::npos);
  EXPECT_EQ(x.text().find("no such table"), std::string::npos) << x.text();
}

TEST_F(roster_status_test, names_no_log_of_what_has_never_run) {
  disk.refusal = fail(errc::not_found, "there is no such file");
  begin({make_service("db")});
  keeper.fail_start("db#0", "exec", ENOENT, "/bin/db");
  settle();
  auto x = say({"SVSTATUS", "TEXT"});
  EXPECT_NE(x.text().find("failed"), std::string::npos) << x.text();
  EXPECT_EQ(x.text().find("/var/lib/saker/log"), std::string::npos) << x.text();
}

TEST_F(roster_status_test, text_is_ascii_unless_utf8_is_asked_for) {
  disk.last_line = "f\xc3\xbc"
                   "r …";
  begin({make_service("db")});
  keeper.fail_start("db#0", "exec", ENOENT, "/bin/" + std::string(100, 'x'));
  settle();
  auto ascii = std::string{say({"SVSTATUS", "TEXT"}).text()};
  EXPECT_TRUE(std::none_of(ascii.begin(), ascii.end(),
                           [](char c) { return (c & 0x80) != 0; }))
    << ascii;
  EXPECT_NE(ascii.find("xxx..."), std::string::npos) << ascii;
  EXPECT_NE(ascii.find("f\\xc3\\xbcr ..."), std::string::npos) << ascii;
  auto utf8 = std::string{say({"SVSTATUS", "db", "TEXT", "UTF8"}).text()};
  EXPECT_NE(utf8.find("xxx…"), std::string::npos) << utf8;
  EXPECT_NE(utf8.find("f\xc3\xbc"
                      "r …"),
            std::string::npos)
    << utf8;
  EXPECT_TRUE(say({"SVSTATUS", "UTF8"}).is_error());
}

/// Whatever the clocks say: nothing has happened.
TEST_F(roster_status_test, since_stays_while_the_state_does) {
  advance(5s);
  begin({make_service("a")});
  auto since = [&] {
    auto rows = say({"SVSTATUS", "a"});
    return rows.items()[0].find("since")->integer().value_or(0);
  };
  auto first = since();
  EXPECT_GT(first, 0);
  links->unix_ms = [] { return std::int64_t{1}; };
  EXPECT_EQ(since(), first);
}

} // namespace
} // namespace saker

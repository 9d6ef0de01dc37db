#include "tests/support/roster_world.hpp"

#include <cerrno>
#include <csignal>

namespace saker {
namespace {

using texts = std::vector<std::string>;

class roster_views_test : public test::roster_world {
protected:
  static texts items(const resp::value& x) {
    texts result;
    for (auto& y : x.items())
      result.emplace_back(y.text());
    return result;
  }

  static std::shared_ptr<supervision::service> split_service() {
    auto x = make_service("web");
    x->log->split = true;
    return x;
  }

  static std::shared_ptr<supervision::service> counted(std::uint32_t n) {
    auto x = make_service("web");
    x->count = n;
    x->counted = true;
    return x;
  }
};

// -- SVLOG ------------------------------------------------------------------------

TEST_F(roster_views_test, svlog_gives_the_last_lines_as_they_are) {
  begin({make_service("web")});
  disk.last_line = std::string{"a\0\r\n\nb", 6};
  EXPECT_EQ(items(say({"SVLOG", "web"})),
            (texts{std::string{"a\0\r", 3}, "", "b"}));
  EXPECT_EQ(items(say({"SVLOG", "web", "count", "3"})).size(), 3u);
  EXPECT_EQ(disk.tails, (texts{"/var/lib/saker/log/web.log 20",
                               "/var/lib/saker/log/web.log 3"}));
}

TEST_F(roster_views_test, svlog_text_obeys_no_byte) {
  begin({make_service("web")});
  disk.last_line = "\x1b[31m\t\"\xff\nb";
  EXPECT_EQ(say({"SVLOG", "web", "TEXT"}),
            (resp::value{resp::verbatim{"\\x1b[31m\t\"\\xff\nb\n"}}));
}

TEST_F(roster_views_test, svlog_knows_the_streams_of_a_split_log) {
  begin({split_service()});
  disk.last_line = "x";
  EXPECT_EQ(items(say({"SVLOG", "web"})), (texts{"x", "x"}));
  EXPECT_EQ(items(say({"SVLOG", "web", "STREAM", "OUT"})), (texts{"x"}));
  EXPECT_EQ(items(say({"SVLOG", "web", "STREAM", "err", "COUNT", "1"})),
            (texts{"x"}));
  EXPECT_EQ(disk.tails, (texts{"/var/lib/saker/log/web.log 20",
                               "/var/lib/saker/log/web.err.log 20",
                               "/var/lib/saker/log/web.log 20",
                               "/var/lib/saker/log/web.err.log 1"}));
  EXPECT_EQ(say({"SVLOG", "web", "TEXT"}).text(),
            "==> /var/lib/saker/log/web.log <==\nx\n"
            "==> /var/lib/saker/log/web.err.log <==\nx\n");
}

TEST_F(roster_views_test, svlog_has_nothing_of_who_wrote_nothing) {
  begin({make_service("web")});
  disk.refusal = fail(errc::not_found, "no such file");
  EXPECT_EQ(say({"SVLOG", "web"}), resp::value{resp::array{}});
  EXPECT_EQ(say({"SVLOG", "web", "COUNT", "0"}), resp::value{resp::array{}});
  EXPECT_EQ(disk.tails.size(), 1u);
}

TEST_F(roster_views_test, svlog_says_why_there_are_no_lines) {
  auto quiet = make_service("quiet");
  quiet->log.reset();
  quiet->where = {"x.lua", 7};
  begin({counted(2), quiet, make_service("db")});
  EXPECT_EQ(say({"SVLOG", "quiet"}).text(),
            "ERR quiet has no log: log = false in x.lua:7, its output is "
            "thrown away");
  EXPECT_EQ(say({"SVLOG", "web"}).text(),
            "ERR \"web\" is 2 instances; name one of them: web:0, web:1");
  EXPECT_EQ(say({"SVLOG", "db", "STREAM", "err"}).text(),
            "ERR db has one log for both streams; leave STREAM out, or define "
            "log = {split = true}");
  EXPECT_EQ(say({"SVLOG", "nope"}).text().substr(0, 9), "NOSERVICE");
  disk.refusal = fail(errc::io, "read x: Input/output error");
  EXPECT_EQ(say({"SVLOG", "db"}).text(), "ERR read x: Input/output error");
}

TEST_F(roster_views_test, svlog_changes_the_logs_of_all_that_match) {
  begin({counted(2), make_service("db")});
  EXPECT_EQ(say({"SVLOG", "web", "ROTATE"}), resp::ok());
  EXPECT_EQ(say({"SVLOG", "db", "clear"}), resp::ok());
  EXPECT_EQ(disk.changed,
            (texts{"rotate web#0", "rotate web#1", "clear db#0"}));
  EXPECT_EQ(say({"SVLOG", "nope", "CLEAR"}).text().substr(0, 9), "NOSERVICE");
  disk.refusal = fail(errc::io, "disk full");
  EXPECT_EQ(say({"SVLOG", "web", "CLEAR"}).text(),
            "ERR web:0: disk full; web:1: disk full");
}

// -- SVWHY ------------------------------------------------------------------------

TEST_F(roster_views_test, svwhy_tells_causes_output_and_what_comes_next) {
  disk.last_line = "one\ntwo";
  begin({make_service("web")});
  keeper.confirm("web#0");
  settle();
  keeper.die("web#0", SIGSEGV);
  settle();
  auto x = say({"SVWHY", "web"});
  EXPECT_EQ(x.find("state")->text(), "starting");
  EXPECT_EQ(x.find("intent")->text(), "up");
  EXPECT_TRUE(x.find("intent_by")->is_null());
  EXPECT_EQ(x.find("row")->text(), "*");
  ASSERT_EQ(x.find("exits")->items().size(), 1u);
  auto& end = x.find("exits")->items()[0];
  EXPECT_EQ(end.find("cause")->text(), "SIGSEGV");
  EXPECT_EQ(end.find("decision")->text(), "restart");
  EXPECT_FALSE(end.find("id")->is_null());
  EXPECT_EQ(*x.find("budget")->find("used")->integer(), 1);
  EXPECT_EQ(*x.find("budget")->find("left")->integer(), 4);
  EXPECT_EQ(*x.find("backoff")->find("step")->integer(), 1);
  EXPECT_EQ(x.find("next")->text(), "start timeout in 31s");
  EXPECT_EQ(*x.find("next_ms")->integer(), 31'000);
  EXPECT_EQ(items(*x.find("output")), (texts{"one", "two"}));
  EXPECT_EQ(x.find("log")->text(), "/var/lib/saker/log/web.log");
  EXPECT_EQ(disk.tails.back(), "/var/lib/saker/log/web.log 10");
}

TEST_F(roster_views_test, svwhy_text_is_sentences_without_a_byte_to_obey) {
  disk.last_line = "\x1b[31m";
  begin({make_service("web")});
  keeper.fail_start("web#0", "exec", ENOENT, "/bin/web");
  settle();
  std::string text{say({"SVWHY", "web", "TEXT"}).text()};
  EXPECT_TRUE(text.starts_with("web: failed for 0s\n  It failed 0s ago: "))
    << text;
  EXPECT_NE(text.find("\n    \\x1b[31m\n"), std::string::npos) << text;
}

TEST_F(roster_views_test, svwhy_shows_output_only_with_the_right_to_it) {
  disk.last_line = "secret";
  begin({make_service("web")});
  may = {resp::right::status};
  auto x = say({"SVWHY", "web"});
  EXPECT_TRUE(x.find("output")->is_null());
  EXPECT_EQ(say({"SVWHY", "web", "TEXT"}).text().find("secret"),
            std::string::npos);
  EXPECT_TRUE(disk.tails.empty());
}

TEST_F(roster_views_test, svwhy_shows_errors_where_they_are_kept_apart) {
  begin({split_service()});
  EXPECT_EQ(say({"SVWHY", "web"}).find("log")->text(),
            "/var/lib/saker/log/web.err.log");
}

TEST_F(roster_views_test, svwhy_answers_though_the_output_cannot_be_read) {
  begin({make_service("web")});
  disk.refusal = fail(errc::io, "no");
  EXPECT_EQ(say({"SVWHY", "web"}).find("state")->text(), "starting");
  EXPECT_TRUE(say({"SVWHY", "nope"}).is_error());
  EXPECT_EQ(say({"SVWHY", "web", "JSON"}).text(),
            "ERR \"JSON\" is no option of SVWHY; there is only TEXT");
}

// -- SVCONFIG ---------------------------------------------------------------------

TEST_F(roster_views_test, svconfig_tells_what_is_in_force) {
  auto web = counted(2);
  web->exec = {"/bin/web", "{i}"};
  web->env = {{"API_KEY", "x"}};
  begin({web, make_service("db")});
  EXPECT_EQ(items(*say({"SVCONFIG", "web"}).find("exec")),
            (texts{"/bin/web", "{i}"}));
  EXPECT_EQ(items(*say({"SVCONFIG", "web:1"}).find("exec")),
            (texts{"/bin/web", "1"}));
  EXPECT_EQ(say({"SVCONFIG", "web"}).find("env")->find("API_KEY")->text(), "x");
  may = {resp::right::status, resp::right::control};
  EXPECT_EQ(say({"SVCONFIG", "web"}).find("env")->find("API_KEY")->text(),
            "***");
  EXPECT_TRUE(
    say({"SVCONFIG", "web", "text"}).text().starts_with("service \"web\" {"));
  EXPECT_EQ(say({"SVCONFIG", "*"}).text(),
            "ERR \"*\" is several services; SVCONFIG shows one");
  EXPECT_EQ(say({"SVCONFIG", "nope"}).text().substr(0, 9), "NOSERVICE");
  EXPECT_TRUE(say({"SVCONFIG", "web", "db"}).is_error());
}

// -- SVPLAN -----------------------------------------------------------------------

TEST_F(roster_views_test, svplan_tells_what_svapply_would_do_and_does_nothing) {
  begin({make_service("gone")});
  keeper.confirm("gone#0");
  settle();
  definitions.next.services = {{"new", make_service("new")}};
  auto x = say({"SVPLAN"});
  EXPECT_EQ(items(*x.find("add")), (texts{"new"}));
  EXPECT_EQ(items(*x.find("remove")), (texts{"gone"}));
  EXPECT_EQ(*x.find("running")->integer(), 1);
  EXPECT_EQ(*x.find("ends")->integer(), 1);
  EXPECT_EQ(definitions.stored, 0);
  EXPECT_EQ(keeper.spawns, 1);
  EXPECT_TRUE(keeper.signals.empty());
  EXPECT_EQ(state_of("gone"), "running");
  EXPECT_EQ(say({"SVPLAN", "TEXT"}).text(),
            "- remove gone\n+ add new\n0 unchanged; 1 of 1 running "
            "processes end\n");
}

TEST_F(roster_views_test, svplan_needs_no_force_but_says_that_svapply_does) {
  std::vector<std::shared_ptr<supervision::service>> all;
  for (auto name : {"a", "b", "c", "d", "e", "f", "g"})
    all.push_back(make_service(name));
  begin(all);
  for (auto& x : all)
    keeper.confirm(x->name + "#0");
  settle();
  definitions.next.services = {};
  EXPECT_EQ(*say({"SVPLAN"}).find("needs_force")->integer(), 1);
  EXPECT_TRUE(say({"SVAPPLY", "TEXT"}).is_error());
  EXPECT_TRUE(keeper.signals.empty());
  auto done = say({"SVAPPLY", "FORCE", "TEXT"});
  EXPECT_NE(done.text().find("- remove a\n"), std::string::npos) << done;
  EXPECT_FALSE(keeper.signals.empty());
}

// -- SVLIFE -----------------------------------------------------------------------

TEST_F(roster_views_test, svlife_tells_what_the_journal_knows) {
  begin({counted(2), make_service("db")});
  journal.events = {{{5, 0}, "web#0", "exit", R"({"service":"web:0"})"}};
  auto x = say({"SVLIFE", "web"});
  ASSERT_EQ(x.items().size(), 1u);
  EXPECT_EQ(x.items()[0].find("event")->text(), "exit");
  EXPECT_EQ(journal.asked, (texts{"web#0", "web#1"}));
  EXPECT_EQ(journal.count, 50u);
  EXPECT_NE(say({"SVLIFE", "db", "COUNT", "3", "TEXT"}).text().find("  exit"),
            std::string::npos);
  EXPECT_EQ(journal.asked, (texts{"db#0"}));
  EXPECT_EQ(journal.count, 3u);
}

TEST_F(roster_views_test, svlife_reads_forwards_from_an_event_or_a_time) {
  begin({counted(2), make_service("db")});
  journal.events = {{{5, 0}, "web#0", "exit", R"({"service":"web:0"})"}};
  auto x = say({"SVLIFE", "*", "SINCE", "4-7", "COUNT", "9", "JSON"});
  ASSERT_EQ(x.items().size(), 1u);
  EXPECT_EQ(x.items()[0].text(), R"({"service":"web:0"})");
  EXPECT_TRUE(journal.page.all);
  EXPECT_EQ(journal.page.after, (supervision::event_id{4, 7}));
  EXPECT_EQ(journal.page.count, 9u);
  say({"SVLIFE", "web", "SINCE", "5000"});
  EXPECT_FALSE(journal.page.all);
  EXPECT_EQ(journal.page.keys, (texts{"web#0", "web#1"}));
  EXPECT_EQ(journal.page.after.ms, 4'999u);
  EXPECT_LT((supervision::event_id{4'999, 1'000}), journal.page.after);
  EXPECT_LT(journal.page.after, (supervision::event_id{5'000, 0}));
  EXPECT_EQ(say({"SVLIFE", "nope", "SINCE", "0"}).text().substr(0, 9),
            "NOSERVICE");
  for (auto& wrong :
       {texts{"SVLIFE", "*", "SINCE", "soon"}, texts{"SVLIFE", "*", "SINCE"},
        texts{"SVLIFE", "*", "JSON", "TEXT"}})
    EXPECT_TRUE(say(wrong).is_error());
}

TEST_F(roster_views_test, svlife_says_what_is_wrong) {
  begin({make_service("db")});
  EXPECT_EQ(say({"SVLIFE", "nope"}).text().substr(0, 9), "NOSERVICE");
  EXPECT_TRUE(say({"SVLIFE", "db", "COUNT", "-1"}).is_error());
  EXPECT_TRUE(say({"SVLIFE", "db", "FORM"}).is_error());
  journal.broken = true;
  EXPECT_EQ(say({"SVLIFE", "db"}).text(), "ERR disk full");
}

TEST_F(roster_views_test, leaves_when_the_last_events_are_stored) {
  begin({make_service("db")});
  tell(uut, atom::call_v, to_call({"SHUTDOWN", "KEEP"}));
  EXPECT_EQ(journal.queries, 1);
  EXPECT_EQ(left, 1);
}

TEST_F(roster_views_test, leaves_though_the_last_events_cannot_be_stored) {
  journal.broken = true;
  begin({make_service("db")});
  tell(uut, atom::call_v, to_call({"SHUTDOWN", "KEEP"}));
  EXPECT_EQ(journal.queries, 1);
  EXPECT_EQ(left, 1);
}

} // namespace
} // namespace saker

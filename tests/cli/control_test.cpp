#include "cli/control.hpp"

#include "tests/cli/verb_test.hpp"

#include <filesystem>

namespace saker::cli {
namespace {

using namespace std::chrono_literals;

resp::value outcome(std::string name, int code = 0) {
  return resp::map{}
    .add("name", std::move(name))
    .add("code", code)
    .add("desc", code == 0 ? "done so" : "no luck");
}

class control_test : public verb_test {
protected:
  control_test() {
    asked.names = {"web"};
  }

  /// `asked` sends this command.
  void sends(const words& command) {
    server.expect(command, resp::array{{outcome("web")}});
    EXPECT_EQ(run(), 0);
  }
};

// -- what is sent ------------------------------------------------------------------

TEST_F(control_test, each_verb_is_a_command) {
  for (auto [what, command] : {std::pair{verb::start, "SVSTART"},
                               {verb::stop, "SVSTOP"},
                               {verb::restart, "SVRESTART"},
                               {verb::try_restart, "SVTRYRESTART"},
                               {verb::reload, "SVRELOAD"},
                               {verb::pause, "SVPAUSE"},
                               {verb::cont, "SVCONT"},
                               {verb::drop, "SVDROP"},
                               {verb::enable, "SVENABLE"},
                               {verb::disable, "SVDISABLE"},
                               {verb::svcheck, "SVCHECK"},
                               {verb::reset, "SVRESET"}}) {
    asked.what = what;
    sends({command, "web"});
  }
}

TEST_F(control_test, waiting_is_part_of_the_command) {
  asked.what = verb::stop;
  asked.names = {"web", "api"};
  asked.patience = 1500ms;
  sends({"SVSTOP", "web", "api", "WAIT", "1500"});
}

TEST_F(control_test, a_signal_stands_before_the_names) {
  asked.what = verb::signal;
  asked.signal = "HUP";
  sends({"SVSIGNAL", "HUP", "web"});
}

TEST_F(control_test, a_count_stands_behind_the_name) {
  asked.what = verb::scale;
  asked.count = 3;
  sends({"SVSCALE", "web", "3"});
  asked.patience = 2s;
  sends({"SVSCALE", "web", "3", "WAIT", "2000"});
}

TEST_F(control_test, a_command_to_run_stands_behind_its_options) {
  asked.what = verb::svrun;
  asked.names = {"job", "sleep", "60"};
  sends({"SVRUN", "job", "--", "sleep", "60"});
  asked.options = {"--user", "bob"};
  sends({"SVRUN", "job", "--user", "bob", "--", "sleep", "60"});
}

TEST_F(control_test, a_rolling_restart_may_take_any_time) {
  asked.what = verb::restart;
  asked.rolling = 2;
  asked.patience = 1s;
  sends({"SVRESTART", "web", "WAIT", "1000", "ROLLING", "2"});
}

TEST_F(control_test, an_answer_may_take_as_long_as_it_was_told_to_wait) {
  asked.what = verb::start;
  asked.patience = 1h;
  server.expect_and_ignore({"SVSTART", "web", "WAIT", "3600000"});
  auto begin = server.now();
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(server.now() - begin, 1h + 30s);
}

// -- what is printed ---------------------------------------------------------------

TEST_F(control_test, prints_lines_and_problems) {
  asked.what = verb::start;
  server.expect({"SVSTART", "web"},
                resp::array{{outcome("web:0"), outcome("web:1", 1)}});
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out.str(), "web:0: done so\n");
  EXPECT_EQ(err.str(), "saker: start web:1: no luck\n");
}

TEST_F(control_test, a_command_that_is_not_there_yet_is_said_politely) {
  asked.what = verb::reload;
  server.expect({"SVRELOAD", "web"}, unknown("SVRELOAD"));
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(err.str(),
            "saker: reload web: this Saker has no SVRELOAD (it says: unknown "
            "command 'SVRELOAD'); `saker exec help` lists what it has\n");
}

// -- when the node ends in between -------------------------------------------------

TEST_F(control_test, what_does_no_harm_twice_is_asked_again) {
  asked.what = verb::start;
  server.expect_and_close({"SVSTART", "web"});
  server.expect_hello();
  sends({"SVSTART", "web"});
}

TEST_F(control_test, but_only_once) {
  asked.what = verb::start;
  server.expect_and_close({"SVSTART", "web"});
  server.expect_hello();
  server.expect_and_close({"SVSTART", "web"});
  EXPECT_EQ(run(), 3);
}

TEST_F(control_test, a_restart_is_not_asked_again) {
  asked.what = verb::restart;
  server.expect_and_close({"SVRESTART", "web"});
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(err.str(), "saker: restart web: the connection to unix:/x is "
                       "lost: it closed the connection; it may have been done "
                       "or not: `saker status` tells\n");
}

// -- wait --------------------------------------------------------------------------

class wait_test : public verb_test {
protected:
  wait_test() {
    asked.what = verb::wait;
    asked.names = {"w*"};
    asked.state = "done";
  }

  /// How they stand before it waits.
  void begin(std::vector<resp::value> rows = {}) {
    server.expect({"SVSTATUS", "w*"}, resp::array{std::move(rows)});
  }
};

TEST_F(wait_test, all_that_reached_it) {
  begin();
  server.expect({"SVWAIT", "w*", "done", "60000"}, 2);
  server.expect({"SVSTATUS", "w*"},
                resp::array{{row("w1", "done"), row("w2", "done")}});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "w1: done\nw2: done\n");
}

TEST_F(wait_test, all_reached_it_although_one_has_left_it_again) {
  begin();
  server.expect({"SVWAIT", "w*", "done", "60000"}, 1);
  server.expect({"SVSTATUS", "w*"}, resp::array{{row("w1", "running")}});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "w1: running\n");
}

TEST_F(wait_test, says_who_did_not) {
  asked.patience = 1500ms;
  begin();
  server.expect({"SVWAIT", "w*", "done", "1500"}, 1);
  server.expect({"SVSTATUS", "w*"},
                resp::array{{row("w1", "DONE"), row("w2", "running")}});
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out.str(), "w1: DONE\n");
  EXPECT_EQ(err.str(), "saker: wait w2: running, not done within 1s500ms\n");
}

TEST_F(wait_test, what_has_failed_is_told_with_its_reason) {
  begin();
  server.expect({"SVWAIT", "w*", "done", "60000"}, 0);
  server.expect({"SVSTATUS", "w*"},
                resp::array{{row("w1", "failed").add("reason", "exit 3")}});
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(err.str(),
            "saker: wait w1: failed, so it will not be done: exit 3\n");
}

TEST_F(wait_test, says_at_once_that_nothing_comes_by_itself) {
  asked.state = "running";
  begin({row("w1", "done"), row("w2", "starting"),
         resp::map{}.add("name", "w3").add("state", "stopped")});
  server.expect({"SVWAIT", "w*", "running", "60000"}, 3);
  server.expect({"SVSTATUS", "w*"}, resp::array{{row("w1")}});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(err.str(), "saker: wait w1: done, and nothing starts it by itself; "
                       "waiting up to 1m for somebody who does\n"
                       "saker: wait w3: stopped, and nothing starts it by "
                       "itself; waiting up to 1m for somebody who does\n");
}

// -- definitions -------------------------------------------------------------------

class apply_test : public verb_test {
protected:
  apply_test() {
    asked.what = verb::apply;
  }

  static resp::value changes() {
    return resp::map{}
      .add("add", resp::array{{"new"}})
      .add("errors", resp::array{})
      .add("unchanged", 1);
  }
};

TEST_F(apply_test, prints_what_changes) {
  server.expect({"SVAPPLY"}, changes());
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "add new\n1 unchanged\n");
}

TEST_F(apply_test, plan_asks_for_the_same_without_doing_it) {
  asked.what = verb::plan;
  server.expect({"SVPLAN"}, changes());
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "add new\n1 unchanged\n");
}

TEST_F(apply_test, paths_become_absolute_names_stay) {
  asked.names = {"web", "web.lua", "./a/../web.lua"};
  asked.force = true;
  server.expect({"SVAPPLY", "web", "web.lua",
                 (std::filesystem::current_path() / "web.lua").string(),
                 "FORCE"},
                changes());
  EXPECT_EQ(run(), 0);
}

// -- shutdown ----------------------------------------------------------------------

class shutdown_test : public verb_test {
protected:
  shutdown_test() {
    asked.what = verb::shutdown;
  }
};

TEST_F(shutdown_test, returns_when_nothing_listens_any_more) {
  server.expect_and_close({"SHUTDOWN"});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "Saker has ended\n");
}

TEST_F(shutdown_test, may_leave_the_services) {
  asked.keep_services = true;
  server.expect_and_close({"SHUTDOWN", "KEEP"});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "Saker has ended; its services run on\n");
}

TEST_F(shutdown_test, says_when_it_may_not) {
  server.expect({"SHUTDOWN"}, resp::error{"NOPERM no"});
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(err.str().starts_with("saker: shutdown: no; be somebody else"));
}

TEST_F(shutdown_test, a_saker_that_still_answers_has_not_ended) {
  server.expect_and_close({"SHUTDOWN"});
  server.survive();
  auto begin = server.now();
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(err.str(), "saker: shutdown: unix:/x still answers; its log tells "
                       "why\n");
  EXPECT_EQ(server.now() - begin, 10s);
}

// -- exec --------------------------------------------------------------------------

class exec_test : public verb_test {
protected:
  exec_test() {
    asked.what = verb::exec;
    asked.names = {"greet", "Ann"};
  }
};

TEST_F(exec_test, a_pipe_gets_the_bare_reply) {
  server.expect({"greet", "Ann"}, resp::array{{"a", 1}});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "a\n1\n");
}

TEST_F(exec_test, a_terminal_sees_types) {
  look.terminal = true;
  server.expect({"greet", "Ann"}, resp::array{{"a", 1}});
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out.str(), "1) \"a\"\n2) (integer) 1\n");
}

TEST_F(exec_test, an_error_is_status_1) {
  server.expect({"greet", "Ann"}, resp::err("no"));
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(err.str(), "ERR no\n");
}

TEST_F(exec_test, nothing_is_sent_twice) {
  server.expect_and_close({"greet", "Ann"});
  EXPECT_EQ(run(), 3);
}

TEST_F(exec_test, whoever_listens_at_a_terminal_is_told_so) {
  look = {true, false, 80, 24};
  asked.names = {"subscribe", "c"};
  server.expect_all({"subscribe", "c"}, {resp::push{{"subscribe", "c", 1}}});
  server.push_later(1s, resp::push{{"message", "c", "hi"}});
  EXPECT_EQ(run(), 3);
  EXPECT_TRUE(err.str().starts_with("listening; Ctrl-C ends it\n"))
    << err.str();
}

TEST_F(exec_test, messages_are_printed_as_they_come) {
  asked.names = {"Subscribe", "c"};
  server.expect_all({"Subscribe", "c"}, {resp::push{{"subscribe", "c", 1}}});
  server.push_later(1s, resp::push{{"message", "c", "hi"}});
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(out.str(), "message\nc\nhi\n");
}

} // namespace
} // namespace saker::cli

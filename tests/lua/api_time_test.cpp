#include "tests/lua/support/script_test.hpp"

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using resp::value;

/// Timers, schedules and subscriptions of a script.
class api_time_test : public test::script_test {
protected:
  /// What the global `seen` holds.
  std::string seen() {
    auto x = eval("return seen");
    EXPECT_TRUE(x) << x.error().detail;
    return x ? to_string(*x) : "";
  }

  void begin_list(std::string_view text) {
    load("seen = {} function note(x) seen[#seen + 1] = x end "
         + std::string{text});
  }

  std::string why(std::string_view expression) {
    auto out = eval("local ok, why = " + std::string{expression}
                    + " assert(ok == nil) return why");
    EXPECT_TRUE(out) << out.error().detail;
    return out ? std::string{out->text()} : "";
  }
};

// -- every, after ----------------------------------------------------------------

TEST_F(api_time_test, every_runs_again_after_each_end) {
  begin_list("saker.every('5s', function() note(1) saker.sleep('1s') end)");
  EXPECT_EQ(seen(), "[]");
  advance(4'999ms);
  EXPECT_EQ(seen(), "[]");
  advance(2ms);
  EXPECT_EQ(seen(), "[1]");
  advance(1s); // it sleeps
  advance(4'990ms);
  EXPECT_EQ(seen(), "[1]");
  advance(20ms);
  EXPECT_EQ(seen(), "[1, 1]");
}

TEST_F(api_time_test, after_runs_once) {
  begin_list("handle = saker.after(100, function(...) note(select('#', ...)) "
             "end)");
  advance(101ms);
  EXPECT_EQ(seen(), "[0]");
  advance(10s);
  EXPECT_EQ(seen(), "[0]");
  EXPECT_EQ(*eval("return (handle:close())"), value{});
  EXPECT_NE(why("handle:close()").find("ended already"), std::string::npos);
}

TEST_F(api_time_test, a_timer_that_is_closed_does_not_run) {
  begin_list("handle = saker.every('1s', note)");
  EXPECT_EQ(*eval("return (handle:close())"), value{1});
  EXPECT_FALSE(uut().next_wake());
  advance(10s);
  EXPECT_EQ(seen(), "[]");
}

TEST_F(api_time_test, a_timer_may_close_itself_and_begin_another_one) {
  begin_list("handle = saker.every('1s', function() note(1) handle:close() "
             "saker.after('1s', function() note(2) end) end)");
  advance(1001ms);
  advance(1001ms);
  advance(10s);
  EXPECT_EQ(seen(), "[1, 2]");
  EXPECT_FALSE(uut().next_wake());
}

TEST_F(api_time_test, errors_of_a_timer_are_logged_and_it_goes_on) {
  load("saker.every('1s', function() n = (n or 0) + 1 error('no') end)");
  advance(1001ms);
  ASSERT_EQ(env.lines.size(), 1u);
  EXPECT_EQ(env.lines[0].level, log_level::error);
  EXPECT_EQ(env.lines[0].text.find("test.lua: timer every 1s at test.lua:1: "
                                   "test.lua:1: no"),
            0u)
    << env.lines[0].text;
  advance(1001ms);
  EXPECT_EQ(*eval("return n"), value{2});
}

TEST_F(api_time_test, a_result_of_a_timer_is_nobodys) {
  load("saker.after(0, function() return print end)");
  advance(1ms);
  EXPECT_TRUE(env.lines.empty());
}

TEST_F(api_time_test, lists_timers_and_subscriptions_as_tasks) {
  load("saker.every('5s', print) saker.subscribe('a*', print) "
       "saker.cron('0 0 * * *', print)");
  auto rows = uut().tasks();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].alias, "every 5s at test.lua:1");
  EXPECT_EQ(to_string(rows[0].when), "timer");
  ASSERT_TRUE(rows[0].next);
  EXPECT_GT(*rows[0].next, env.clock + 4s);
  EXPECT_LE(*rows[0].next, env.clock + 5s);
  EXPECT_EQ(rows[1].alias, "subscribe a* at test.lua:1");
  EXPECT_EQ(to_string(rows[1].when), "subscription");
  EXPECT_EQ(rows[2].alias, "cron 0 0 * * * at test.lua:1");
  EXPECT_TRUE(uut().commands().empty());
}

TEST_F(api_time_test, has_so_many_timers_and_no_more) {
  options.timers = 3;
  EXPECT_EQ(*eval("local n = 0 while saker.every('1s', print) do n = n + 1 end "
                  "return n"),
            value{3});
  EXPECT_NE(why("saker.after(1, print)").find("`timers` in [scripts]"),
            std::string::npos);
  EXPECT_NE(why("saker.cron('* * * * *', print)").find("3 timers"),
            std::string::npos);
}

TEST_F(api_time_test, a_timer_that_has_run_makes_room) {
  options.timers = 1;
  load("saker.after(10, print)");
  EXPECT_FALSE(eval("assert(saker.after(10, print))"));
  advance(11ms);
  EXPECT_TRUE(eval("assert(saker.after(10, print))"));
}

// -- cron ------------------------------------------------------------------------

class cron_script_test : public api_time_test {
protected:
  /// Lets both clocks go on, as far as the next timer at most.
  void pass(std::chrono::nanoseconds time) {
    auto end = env.clock + time;
    while (env.clock < end) {
      auto next = std::min(uut().next_wake().value_or(end), end);
      auto step = std::max(next - env.clock, std::chrono::nanoseconds{1});
      env.clock += step;
      env.wall += std::chrono::duration_cast<wall_time_point::duration>(step);
      settle();
    }
  }
};

TEST_F(cron_script_test, runs_at_each_due_time) {
  env.wall = wall_time_point{1'699'999'980s}; // 22:13:00 UTC
  begin_list("saker.cron('*/5 * * * *', function() note(os.time() % 3600) "
             "end)");
  pass(10min);
  EXPECT_EQ(seen(), "[900, 1200]");
}

TEST_F(cron_script_test, leaves_out_what_is_due_while_it_runs) {
  env.wall = wall_time_point{1'699'999'980s};
  begin_list("saker.cron('* * * * *', function() note(os.time() % 3600) "
             "saker.sleep('90s') end)");
  pass(4min);
  EXPECT_EQ(seen(), "[840, 960]");
}

TEST_F(cron_script_test, notices_within_a_minute_that_the_clock_was_set) {
  env.wall = wall_time_point{1'699'999'980s};
  begin_list("saker.cron('0 * * * *', function() note(1) end)");
  pass(1min);
  env.wall += 2h;
  pass(1min);
  EXPECT_EQ(seen(), "[1]");
}

TEST_F(cron_script_test, refuses_a_schedule_that_is_none) {
  EXPECT_NE(why("saker.cron('61 * * * *', print)").find("minute \"61\""),
            std::string::npos);
}

// -- subscribe -------------------------------------------------------------------

TEST_F(api_time_test, a_subscription_gets_channel_and_message) {
  begin_list("handle = saker.subscribe('news.*', function(...) "
             "note(table.concat({...}, ' ')) end)");
  ASSERT_EQ(env.subscribed.size(), 1u);
  auto [id, pattern] = *env.subscribed.begin();
  EXPECT_EQ(pattern, "news.*");
  uut().deliver(id, "news.a", std::string{"x\0y", 3});
  uut().deliver(id, "news.b", "z", 7);
  settle();
  EXPECT_EQ(taken, 2u);
  EXPECT_EQ(*eval("return seen[1] == 'news.a x\\0y 0' and seen[2]"),
            value{"news.b z 7"});
  EXPECT_EQ(*eval("return (handle:close())"), value{1});
  EXPECT_TRUE(env.subscribed.empty());
  uut().deliver(id, "news.a", "late");
  settle();
  EXPECT_EQ(taken, 3u);
  EXPECT_EQ(*eval("return #seen"), value{2});
}

TEST_F(api_time_test, messages_come_one_after_the_other) {
  begin_list("saker.subscribe('a', function(_, x) saker.sleep(10) note(x) "
             "end)");
  auto id = env.subscribed.begin()->first;
  for (auto x : {"1", "2", "3"})
    uut().deliver(id, "a", x);
  settle();
  EXPECT_EQ(taken, 1u);
  advance(10ms);
  EXPECT_EQ(seen(), "[\"1\"]");
  EXPECT_EQ(taken, 2u);
  advance(10ms);
  advance(10ms);
  EXPECT_EQ(seen(), "[\"1\", \"2\", \"3\"]");
}

TEST_F(api_time_test, a_closed_subscription_drops_what_waits) {
  begin_list("handle = saker.subscribe('a', function(_, x) note(x) "
             "handle:close() end)");
  auto id = env.subscribed.begin()->first;
  for (auto x : {"1", "2", "3"})
    uut().deliver(id, "a", x);
  settle();
  EXPECT_EQ(seen(), "[\"1\"]");
  EXPECT_EQ(taken, 3u);
}

TEST_F(api_time_test, an_error_in_a_subscription_is_logged_and_it_goes_on) {
  begin_list("saker.subscribe('a', function(_, x) note(x) error('no') end)");
  auto id = env.subscribed.begin()->first;
  uut().deliver(id, "a", "1");
  uut().deliver(id, "a", "2");
  settle();
  EXPECT_EQ(seen(), "[\"1\", \"2\"]");
  ASSERT_FALSE(env.lines.empty());
  EXPECT_EQ(env.lines[0].text.find("test.lua: message subscribe a at"), 0u);
}

TEST_F(api_time_test, has_so_many_subscriptions_and_no_more) {
  options.subscriptions = 2;
  EXPECT_EQ(*eval("local n, x = 0 repeat x = saker.subscribe('a', print) "
                  "n = n + 1 until not x return n"),
            value{3});
  EXPECT_NE(
    why("saker.subscribe('a', print)").find("`subscriptions` in [scripts]"),
    std::string::npos);
}

TEST_F(api_time_test, a_handle_shows_nothing_of_itself) {
  load("handle = saker.after('1h', print)");
  EXPECT_EQ(*eval("return getmetatable(handle)"), value{"locked"});
  EXPECT_EQ(*eval("return type(handle)"), value{"userdata"});
  EXPECT_NE(why("handle.close({})").find("with a colon"), std::string::npos);
  EXPECT_NE(why("handle.close()").find("with a colon"), std::string::npos);
  EXPECT_FALSE(eval("return handle.x.y"));
}

// -- event -----------------------------------------------------------------------

TEST_F(api_time_test, an_event_carries_json) {
  define("return (saker.event('backup.done', {files = 3, ok = true, list = {1, "
         "'two'}}))");
  begin();
  settle();
  ASSERT_EQ(env.events.size(), 1u);
  EXPECT_EQ(env.events[0].name, "backup.done");
  EXPECT_EQ(env.events[0].json, R"({"files":3,"list":[1,"two"],"ok":true})");
}

TEST_F(api_time_test, an_event_imitates_no_other_one) {
  EXPECT_NE(why("saker.event('exit', {})").find("event of services"),
            std::string::npos);
  for (auto name :
       {"''", "'a b'", "'a:b'", "'a/b'", "'*'", "('x'):rep(64)", "'.a'"})
    EXPECT_NE(
      why("saker.event(" + std::string{name} + ")").find("must be 1 to 63"),
      std::string::npos)
      << name;
  EXPECT_NE(why("saker.event('a', 5)").find("must be a table"),
            std::string::npos);
  EXPECT_NE(why("saker.event('a', {print})").find("JSON cannot hold"),
            std::string::npos);
  EXPECT_TRUE(env.events.empty());
}

} // namespace
} // namespace saker::lua

#include "tests/lua/support/script_test.hpp"

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using resp::value;

using script_test = test::script_test;

TEST_F(script_test, once_runs_when_the_file_has_run_and_is_passive_then) {
  load("saker.register('o', function(args) n = (n or 0) + 1 "
       "return tostring(args) .. n end, PROP_ONCE) later = true");
  auto info = row("o");
  EXPECT_EQ(info.runs, 1u);
  EXPECT_EQ(info.when, property::passivity);
  advance(1h);
  EXPECT_EQ(row("o").runs, 1u);
  ASSERT_TRUE(uut().call("o", {}));
  auto ended = settle();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_NE(ended[0].value->text().find("2"), std::string_view::npos);
}

TEST_F(script_test, once_that_is_registered_later_runs_soon) {
  EXPECT_TRUE(
    eval("saker.register('o', function() ran = true end, PROP_ONCE)"));
  settle();
  EXPECT_EQ(row("o").runs, 1u);
}

TEST_F(script_test, once_that_fails_is_logged_and_not_repeated) {
  load("saker.register('o', function(args) assert(args == nil) error('no', 0) "
       "end, PROP_ONCE)");
  advance(1h);
  auto info = row("o");
  EXPECT_EQ(info.runs, 1u);
  EXPECT_EQ(info.errors, 1u);
  EXPECT_EQ(info.last_error, "no");
  EXPECT_EQ(info.when, property::once);
  ASSERT_EQ(env.lines.size(), 1u);
  EXPECT_EQ(env.lines[0].text.substr(0, 20), "test.lua: once o: no");
}

TEST_F(script_test, nothing_runs_before_the_file_has_run_well) {
  ASSERT_TRUE(uut().load("a.lua", "saker.register('o', function() ran = true "
                                  "end, PROP_ONCE) saker.sleep(10) error()"));
  advance(1h);
  EXPECT_EQ(row("o").runs, 0u);
}

TEST_F(script_test, a_cycle_runs_again_so_long_after_its_end) {
  env.tick = 0ns;
  load("saker.register('c', function() n = (n or 0) + 1 saker.sleep(300) end, "
       "PROP_CYCLE, {every = '1s'})");
  EXPECT_EQ(row("c").state, "sleeping");
  advance(300ms);
  EXPECT_EQ(row("c").runs, 1u);
  EXPECT_EQ(row("c").state, "idle");
  EXPECT_EQ(row("c").next, env.clock + 1s);
  EXPECT_EQ(uut().next_wake(), env.clock + 1s);
  advance(999ms);
  EXPECT_EQ(row("c").state, "idle");
  advance(1ms);
  EXPECT_EQ(row("c").state, "sleeping");
  advance(300ms);
  EXPECT_EQ(row("c").runs, 2u);
}

TEST_F(script_test, a_cycle_has_the_interval_of_the_configuration) {
  env.tick = 0ns;
  options.interval = 7s;
  load("saker.register('c', function() end, PROP_CYCLE)");
  EXPECT_EQ(row("c").next, env.clock + 7s);
}

TEST_F(script_test, a_cycle_goes_on_after_errors) {
  load("saker.register('c', function() return {err = 'ERR sad'} end, "
       "PROP_CYCLE, {every = 1000})");
  for (int i = 0; i < 4; ++i)
    advance(1001ms);
  EXPECT_EQ(row("c").runs, 5u);
  EXPECT_EQ(row("c").errors, 5u);
  ASSERT_FALSE(env.lines.empty());
  EXPECT_EQ(env.lines[0].text, "test.lua: cycle c: ERR sad");
}

TEST_F(script_test, a_cycle_that_fails_all_the_time_does_not_fill_the_log) {
  env.tick = 0ns;
  load("saker.register('c', function() error('no', 0) end, PROP_CYCLE, "
       "{every = '10ms'})");
  for (int i = 0; i < 3 * 6000; ++i)
    advance(10ms);
  EXPECT_EQ(row("c").errors, 18001u);
  ASSERT_EQ(env.lines.size(), 4u);
  EXPECT_EQ(env.lines[0].text.substr(0, 35),
            "test.lua: cycle c: no\nstack traceba");
  EXPECT_EQ(env.lines[3].text, "test.lua: cycle c: no (6000 times more in 1m)");
}

TEST_F(script_test, a_cycle_that_is_replaced_or_removed_ends) {
  load("saker.register('c', function() a = (a or 0) + 1 end, PROP_CYCLE, "
       "{every = '1s'}) "
       "saker.register('d', function() end, PROP_CYCLE, {every = '1s'})");
  load("saker.register('c', function() b = (b or 0) + 1 end, PROP_CYCLE, "
       "{every = '1s'}) saker.unregister('d')");
  advance(1s);
  advance(1s);
  EXPECT_EQ(*eval("return {a, b}"), (value{resp::array{{1, 3}}}));
  EXPECT_EQ(aliases(), (std::vector<std::string>{"c", "test"}));
}

TEST_F(script_test, defer_runs_when_it_is_asked_for) {
  load("saker.register('d', function(args) saker.log('info', 'bye', args) end, "
       "PROP_DEFER)");
  advance(1h);
  EXPECT_TRUE(env.lines.empty());
  auto begun = uut().begin_defer();
  auto ended = settle();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].kind, task_kind::defer);
  EXPECT_EQ(begun, std::vector<task_id>{ended[0].id});
  EXPECT_EQ(env.lines,
            (std::vector<test::fake_host::line>{{log_level::info, "bye nil"}}));
}

TEST_F(script_test, every_property_can_be_called) {
  load("for i, p in ipairs{PROP_ONCE, PROP_CYCLE, PROP_PASSIVITY, PROP_DEFER} "
       "do saker.register('p' .. i, function(args) return args and #args or 0 "
       "end, p) end");
  for (auto alias : {"p1", "p2", "p3", "p4"}) {
    ASSERT_TRUE(uut().call(alias, {"x", "y"}));
    auto ended = settle();
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(*ended[0].value, value{2}) << alias;
  }
}

} // namespace
} // namespace saker::lua

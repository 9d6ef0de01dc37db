#include "tests/lua/support/script_test.hpp"

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using resp::value;

class script_test : public test::script_test {};

// -- load ----------------------------------------------------------------------

TEST_F(script_test, a_file_registers_its_commands) {
  load("saker.register('b', function() return 1 end, PROP_PASSIVITY)\n"
       "function named() return 2 end saker.register('a', 'named', "
       "PROP_PASSIVITY, {help = 'a x', arity = 2, right = 'admin'})");
  EXPECT_TRUE(changed);
  command_spec a{"a", property::passivity, "a x", "admin", 2, {}};
  command_spec b{"b", property::passivity, "", "script", -1, {}};
  EXPECT_EQ(uut().commands(), (std::vector<command_spec>{a, b}));
}

TEST_F(script_test, a_file_with_a_mistake_is_refused_with_its_line) {
  auto out = uut().load("bad.lua", "x = 1\nx = = 2");
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error(),
            fail(errc::syntax, "bad.lua:2: unexpected symbol near '='"));
}

TEST_F(script_test, a_name_that_is_nil_has_near_ones) {
  auto why = [this](std::string_view text) {
    auto out = eval(text);
    EXPECT_FALSE(out);
    return out ? ""
               : out.error().detail.substr(0, out.error().detail.find('\n'));
  };
  EXPECT_EQ(
    why("saker.registr()"),
    "test.lua:1: attempt to call field 'registr' (a nil value) (did you "
    "mean \"register\" or \"unregister\"?)");
  EXPECT_EQ(
    why("strin.rep('x', 2)"),
    "test.lua:1: attempt to index global 'strin' (a nil value) (did you "
    "mean \"string\"?)");
  EXPECT_EQ(why("nowhere_near_a_name()"),
            "test.lua:1: attempt to call global 'nowhere_near_a_name' (a nil "
            "value)");
  EXPECT_EQ(why("local sakr = nil sakr.x = 1"),
            "test.lua:1: attempt to index local 'sakr' (a nil value)");
  EXPECT_EQ(why("error(\"' (a nil value)\", 0)"), "' (a nil value)");
  EXPECT_EQ(why("error(\"field '' (a nil value)\", 0)"),
            "field '' (a nil value)");
}

TEST_F(script_test, a_file_that_fails_ends_with_a_traceback) {
  ASSERT_TRUE(uut().load("bad.lua", "local function f() error('no') end\nf()\n"
                                    "return 1"));
  auto ended = settle();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].kind, task_kind::load);
  EXPECT_EQ(ended[0].alias, "bad.lua");
  ASSERT_FALSE(ended[0].value);
  EXPECT_EQ(ended[0].value.error(),
            fail(errc::script_error, "bad.lua:1: no\n"
                                     "stack traceback:\n"
                                     "  [C] in error\n"
                                     "  bad.lua:1 in f\n"
                                     "  bad.lua:2 in main chunk"));
  // Whoever loads it says so: once is enough.
  EXPECT_TRUE(env.lines.empty());
}

TEST_F(script_test, a_file_may_wait) {
  auto id = uut().load("a.lua", "saker.sleep(10) saker.register('a', print, "
                                "PROP_PASSIVITY)");
  ASSERT_TRUE(id);
  EXPECT_TRUE(settle().empty());
  EXPECT_TRUE(aliases().empty());
  auto ended = advance(10ms);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].id, *id);
  EXPECT_EQ(aliases(), std::vector<std::string>{"a"});
}

// -- call ----------------------------------------------------------------------

TEST_F(script_test, a_command_gets_its_arguments_as_one_table_of_bytes) {
  define("return {#args, args[1], args[2], args[3], type(args[3])}");
  auto out = call({"x", std::string("a\0b\r\n", 5), "7"});
  ASSERT_TRUE(out);
  EXPECT_EQ(
    *out,
    (value{resp::array{{3, "x", std::string("a\0b\r\n", 5), "7", "string"}}}));
}

TEST_F(script_test, a_reply_depends_on_the_dialect_of_the_caller) {
  define("return 2.5");
  EXPECT_EQ(*call({}, resp::protocol::resp3), value{2.5});
  EXPECT_EQ(*call({}, resp::protocol::resp2), value{2});
}

TEST_F(script_test, an_unknown_alias_is_not_found) {
  auto out = uut().call("nobody", {});
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error(),
            fail(errc::not_found, "no alias \"nobody\" in test.lua"));
}

TEST_F(script_test, a_wrong_number_of_arguments_is_refused_with_the_help) {
  load("saker.register('two', print, PROP_PASSIVITY, {arity = 3, "
       "help = 'two A B'}) "
       "saker.register('some', print, PROP_PASSIVITY, {arity = -2})");
  EXPECT_TRUE(uut().call("two", {"a", "b"}));
  EXPECT_EQ(uut().call("two", {"a"}).error(),
            fail(errc::invalid_argument,
                 "wrong number of arguments for 'two': two A B"));
  EXPECT_FALSE(uut().call("two", {"a", "b", "c"}));
  EXPECT_FALSE(uut().call("some", {}));
  EXPECT_TRUE(uut().call("some", {"a"}));
  EXPECT_TRUE(uut().call("some", {"a", "b"}));
}

TEST_F(script_test, an_error_of_a_command_goes_to_its_caller_only) {
  auto out = eval("error('no')");
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, errc::script_error);
  EXPECT_EQ(out.error().detail.substr(0, 14), "test.lua:1: no");
  EXPECT_TRUE(env.lines.empty());
}

TEST_F(script_test, has_only_so_many_tasks_at_once) {
  options.tasks = 2;
  define("saker.sleep(1000)");
  begin();
  begin();
  auto third = uut().call("test", {});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, errc::busy);
  advance(1s);
  advance(1s);
  EXPECT_TRUE(uut().call("test", {}));
}

TEST_F(script_test, tasks_share_globals_and_take_turns) {
  options.engine.slice = 100;
  define("local n = 0 for i = 1, 1000 do n = n + 1 end "
         "order = (order or '') .. args[1] saker.sleep(1) return order");
  begin({"a"});
  begin({"b"});
  begin({"c"});
  settle();
  auto ended = advance(1ms);
  ASSERT_EQ(ended.size(), 3u);
  EXPECT_EQ(*ended[2].value, value{"abc"});
}

TEST_F(script_test, a_step_does_at_most_one_slice) {
  options.engine.slice = 100;
  define("for i = 1, 10000 do end return 1");
  begin();
  int steps = 0;
  while (uut().step(env.clock).finished.empty())
    ++steps;
  EXPECT_GE(steps, 100);
  EXPECT_LE(steps, 110);
}

TEST_F(script_test, does_nothing_when_nothing_is_ready) {
  auto out = uut().step(env.clock);
  EXPECT_TRUE(out.finished.empty());
  EXPECT_FALSE(out.ready);
  EXPECT_FALSE(out.commands);
  EXPECT_FALSE(uut().next_wake());
}

// -- properties ----------------------------------------------------------------

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

// -- register ------------------------------------------------------------------

TEST_F(script_test, a_refused_register_is_in_the_log_with_its_line) {
  load("\nsaker.register('a', 5, PROP_ONCE)");
  ASSERT_EQ(env.lines.size(), 1u);
  EXPECT_EQ(env.lines[0].level, log_level::warning);
  EXPECT_EQ(env.lines[0].text.find("test.lua:2: saker.register: the second"),
            0u)
    << env.lines[0].text;
}

TEST_F(script_test, register_says_what_is_wrong) {
  EXPECT_EQ(refusal("saker.register()"),
            "saker.register: the alias must be a string, not no value");
  EXPECT_EQ(refusal("saker.register('a b', print, PROP_ONCE)"),
            "saker.register: the alias \"a b\" must not contain blanks or "
            "control characters");
  EXPECT_EQ(refusal("saker.register('', print, PROP_ONCE)"),
            "saker.register: the alias must have 1 to 128 characters");
  EXPECT_EQ(refusal("saker.register('a', nil, PROP_ONCE)"),
            "saker.register: the second argument must be a function or the "
            "name of a global one, not nil");
  EXPECT_EQ(refusal("saker.register('a', 'nothing', PROP_ONCE)"),
            "saker.register: there is no global function \"nothing\"");
  EXPECT_EQ(refusal("saker.register('a', print)"),
            "saker.register: the property must be PROP_ONCE, PROP_CYCLE, "
            "PROP_PASSIVITY or PROP_DEFER");
  EXPECT_EQ(refusal("saker.register('a', print, 1)"),
            "saker.register: the property must be PROP_ONCE, PROP_CYCLE, "
            "PROP_PASSIVITY or PROP_DEFER");
  EXPECT_EQ(refusal("saker.register('a', print, PROP_ONCE, 5)"),
            "saker.register: the last argument must be a table of options, "
            "not number");
  EXPECT_EQ(refusal("saker.register('a', print, PROP_ONCE, {hlep = 'x'})"),
            "saker.register: unknown option \"hlep\" (did you mean \"help\"?)");
  EXPECT_EQ(refusal("saker.register('a', print, PROP_ONCE, {right = 'root'})"),
            "saker.register: no right \"root\"");
  EXPECT_EQ(refusal("saker.register('a', print, PROP_ONCE, {arity = 0})"),
            "saker.register: arity counts the name too, so it must be 1 or "
            "more, or -1 or less for \"at least\"");
  EXPECT_EQ(refusal("saker.register('a', print, PROP_CYCLE, {every = 0})"),
            "saker.register: every must be more than 0");
  for (auto help : {"'one\\r\\ntwo'", "'a\\0b'", "('x'):rep(501)"})
    EXPECT_EQ(refusal("saker.register('a', print, PROP_PASSIVITY, {help = "
                      + std::string{help} + "})"),
              "saker.register: help must be one line of at most 500 bytes");
  for (auto alias : {"'a\\r\\n'", "'\\0'", "'\\127'"})
    EXPECT_NE(refusal("saker.register(" + std::string{alias}
                      + ", print, PROP_PASSIVITY)")
                .find("must not contain blanks or control characters"),
              std::string::npos);
  EXPECT_NE(refusal("saker.register('a', print, PROP_CYCLE, {every = '5'})"),
            "");
  EXPECT_EQ(aliases(), std::vector<std::string>{"test"});
}

TEST_F(script_test, a_built_in_command_is_no_alias) {
  for (auto name : {"ping", "PiNg", "SVSTATUS", "command"})
    EXPECT_EQ(refusal("saker.register('" + std::string{name}
                      + "', print, PROP_PASSIVITY)"),
              "saker.register: \"" + std::string{name}
                + "\" is a built-in command of Saker; choose another name");
  EXPECT_EQ(aliases(), std::vector<std::string>{"test"});
  EXPECT_FALSE(env.lines.empty()); // also for those who ignore the answer
}

TEST_F(script_test, an_alias_that_belongs_to_another_goes) {
  load("saker.register('c', function() end, PROP_CYCLE, {every = '1s'}) "
       "saker.register('d', print, PROP_PASSIVITY)");
  changed = false;
  EXPECT_TRUE(uut().unregister("c"));
  EXPECT_FALSE(uut().unregister("c"));
  settle();
  EXPECT_TRUE(changed);
  EXPECT_EQ(aliases(), std::vector<std::string>{"d"});
  EXPECT_FALSE(uut().next_wake()); // its cycle ends
}

TEST_F(script_test, what_a_file_returns_is_for_those_who_require_it) {
  for (auto text : {"return {word = 'x'}", "return print", "return {1, {2}}"})
    load(text);
  EXPECT_TRUE(env.lines.empty());
  EXPECT_TRUE(aliases().empty());
}

TEST_F(script_test, an_alias_can_be_replaced_while_it_runs) {
  load("saker.register('a', function() saker.sleep(10) return 'old' end, "
       "PROP_PASSIVITY)");
  ASSERT_TRUE(uut().call("a", {}));
  settle();
  load("saker.register('a', function() return 'new' end, PROP_PASSIVITY)");
  auto old = advance(10ms);
  ASSERT_EQ(old.size(), 1u);
  EXPECT_EQ(*old[0].value, value{"old"});
  EXPECT_EQ(row("a").runs, 0u);
}

TEST_F(script_test, unregister_removes_an_alias) {
  load("saker.register('a', print, PROP_PASSIVITY)");
  changed = false;
  load("assert(saker.unregister('a'))");
  EXPECT_TRUE(changed);
  EXPECT_TRUE(aliases().empty());
  EXPECT_EQ(refusal("saker.unregister('a')"),
            "saker.unregister: there is no alias \"a\" in this script");
}

TEST_F(script_test, a_function_is_looked_up_when_it_is_registered) {
  load("function f() return 1 end saker.register('a', 'f', PROP_PASSIVITY) "
       "function f() return 2 end");
  ASSERT_TRUE(uut().call("a", {}));
  EXPECT_EQ(*settle().at(0).value, value{1});
}

} // namespace
} // namespace saker::lua

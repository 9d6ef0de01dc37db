#include "tests/lua/support/script_test.hpp"

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using resp::value;

using script_test = test::script_test;

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

TEST_F(script_test, what_a_file_returns_is_for_those_who_require_it) {
  for (auto text : {"return {word = 'x'}", "return print", "return {1, {2}}"})
    load(text);
  EXPECT_TRUE(env.lines.empty());
  EXPECT_TRUE(aliases().empty());
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

} // namespace
} // namespace saker::lua

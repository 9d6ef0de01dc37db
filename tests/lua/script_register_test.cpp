#include "tests/lua/support/script_test.hpp"

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using resp::value;

using script_test = test::script_test;

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

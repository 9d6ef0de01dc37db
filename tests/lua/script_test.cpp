#include "tests/lua/support/script_test.hpp"

#include <algorithm>

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using resp::value;

class script_test : public test::script_test {
protected:
  /// What a refused API call answered.
  std::string refusal(std::string_view expression) {
    auto out = eval("local ok, why = " + std::string{expression}
                    + " assert(ok == nil) return why");
    EXPECT_TRUE(out) << out.error().detail;
    auto text = out ? std::string{out->text()} : "";
    EXPECT_EQ(text.find("test.lua:1: "), 0u) << text;
    return text.substr(std::min<std::size_t>(text.size(), 12));
  }

  std::vector<std::string> aliases() {
    std::vector<std::string> out;
    for (auto& x : uut().commands())
      out.push_back(x.alias);
    return out;
  }

  task_info row(std::string_view alias) {
    for (auto& x : uut().tasks())
      if (x.alias == alias)
        return x;
    ADD_FAILURE() << "no alias " << alias;
    return {};
  }

  /// Runs the command "test" until it waits for the host.
  void begin_waiting(std::string_view text) {
    define(text);
    begin();
    EXPECT_TRUE(settle().empty());
    EXPECT_EQ(env.waiting.size(), 1u);
  }

  request_id open_request() {
    return env.waiting.empty() ? 0 : env.waiting.begin()->first;
  }

  /// Answers the open request and returns what the task replies.
  template <class T>
  std::string reply_to(T answer) {
    auto id = open_request();
    env.waiting.erase(id);
    uut().answer(id, std::move(answer));
    auto ended = settle();
    EXPECT_EQ(ended.size(), 1u);
    if (ended.size() != 1)
      return "";
    EXPECT_TRUE(ended[0].value) << ended[0].value.error().detail;
    return ended[0].value ? to_string(*ended[0].value) : "";
  }
};

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

// -- sleep ---------------------------------------------------------------------

TEST_F(script_test, sleep_takes_its_time_and_nobody_elses) {
  env.tick = 0ns;
  define("local ok = saker.sleep(250) return ok");
  begin();
  settle();
  EXPECT_EQ(row("test").state, "sleeping");
  EXPECT_EQ(uut().next_wake(), env.clock + 250ms);
  EXPECT_TRUE(advance(249ms).empty());
  auto ended = advance(1ms);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(*ended[0].value, value{1});
}

TEST_F(script_test, sleep_takes_durations_as_text) {
  env.tick = 0ns;
  define("saker.sleep('1.5s')");
  begin();
  settle();
  EXPECT_EQ(uut().next_wake(), env.clock + 1500ms);
}

TEST_F(script_test, sleep_says_what_is_wrong) {
  EXPECT_EQ(refusal("saker.sleep()"),
            "saker.sleep: the time must be milliseconds or a text like "
            "\"5s\", not no value");
  EXPECT_EQ(refusal("saker.sleep(-1)"),
            "saker.sleep: the time must not be negative or longer than a "
            "century");
  EXPECT_EQ(refusal("saker.sleep(0/0)"),
            "saker.sleep: the time must not be negative or longer than a "
            "century");
  EXPECT_EQ(refusal("saker.sleep(1e300)"),
            "saker.sleep: the time must not be negative or longer than a "
            "century");
}

TEST_F(script_test, what_waits_cannot_be_called_below_a_c_function) {
  auto why = "test.lua:1: saker.sleep: waits for an answer, so it cannot be "
             "called within "
             "table.sort, gsub, load, require, tostring or an error handler";
  EXPECT_EQ(*eval("local why table.sort({2, 1}, function() local _, w = "
                  "saker.sleep(1) why = w end) return why"),
            value{why});
  EXPECT_EQ(*eval("local why ('x'):gsub('x', function() "
                  "coroutine.wrap(function() local _, w = saker.sleep(1) "
                  "why = w end)() end) return why"),
            value{why});
  EXPECT_EQ(*eval("local _, why = xpcall(error, function() local _, w = "
                  "saker.sleep(1) return w end) return why"),
            value{why});
  EXPECT_TRUE(env.waiting.empty());
}

// -- requests ------------------------------------------------------------------

TEST_F(script_test, publish_forges_no_events_and_no_output) {
  for (std::string channel : {"saker:n:web:exit", "log:n:web"})
    EXPECT_EQ(
      *eval("local n, why = saker.publish('" + channel
            + "', 'x') return tostring(n) .. ': ' .. why"),
      value{"nil: test.lua:1: saker.publish: channels saker:* and log:* are "
            "Saker's own; take another name"});
  EXPECT_TRUE(env.published.empty());
}

TEST_F(script_test, publish_gives_the_receivers) {
  begin_waiting("return saker.publish('news', 'a\\0b')");
  ASSERT_EQ(env.published.size(), 1u);
  EXPECT_EQ(env.published[0].channel, "news");
  EXPECT_EQ(env.published[0].text, std::string("a\0b", 3));
  EXPECT_EQ(row("test").state, "waiting");
  EXPECT_EQ(reply_to(value{3}), "3");
}

TEST_F(script_test, a_failed_request_is_nil_and_a_message) {
  begin_waiting("local n, why = saker.publish('c', 'm') "
                "return {tostring(n), why}");
  EXPECT_EQ(reply_to(fail(errc::busy, "too fast")),
            "[\"nil\", \"test.lua:1: too fast\"]");
  begin_waiting("local n, why = saker.publish('c', 'm') return why");
  EXPECT_EQ(reply_to(fail(errc::timeout)),
            "\"test.lua:1: " + std::string{to_string(errc::timeout)} + "\"");
}

TEST_F(script_test, call_takes_a_command_and_gives_its_reply) {
  begin_waiting("local t = saker.call('SVSTATUS', 'web', 5) "
                "return t[1].map.name");
  ASSERT_EQ(env.called.size(), 1u);
  EXPECT_EQ(env.called[0].argv,
            (std::vector<std::string>{"SVSTATUS", "web", "5"}));
  EXPECT_EQ(
    reply_to(value{resp::array{{value{resp::map{}.add("name", "web")}}}}),
    "\"web\"");
  EXPECT_EQ(refusal("saker.call()"), "saker.call: say which command");
  EXPECT_EQ(refusal("saker.call('GET', nil)"),
            "saker.call: every argument must be a string, not nil");
}

TEST_F(script_test, call_gives_errors_as_nil_and_text) {
  begin_waiting("local x, why = saker.call('NONSENSE') return {x == nil, why}");
  EXPECT_EQ(reply_to(value{resp::error{"ERR unknown command"}}),
            "[1, \"ERR unknown command\"]");
}

TEST_F(script_test, exec_of_a_text_asks_the_shell) {
  begin_waiting("return saker.exec('echo $HOME', 500)");
  ASSERT_EQ(env.children.size(), 1u);
  exec_spec wanted{{"/bin/sh", "-c", "echo $HOME"}, 500ms, "", {}, ""};
  EXPECT_EQ(env.children[0].what, wanted);
}

TEST_F(script_test, exec_of_a_list_needs_no_shell) {
  begin_waiting("local r = saker.exec({'cat', '-', 7}, {timeout = '2s', "
                "dir = '/tmp', env = {A = 'b', N = 1}, input = 'a\\0b'}) "
                "return {r.code, r.signal, r.out, r.err}");
  ASSERT_EQ(env.children.size(), 1u);
  exec_spec wanted{{"cat", "-", "7"},
                   2000ms,
                   "/tmp",
                   {{"A", "b"}, {"N", "1"}},
                   std::string("a\0b", 3)};
  EXPECT_EQ(env.children[0].what, wanted);
  EXPECT_EQ(reply_to(exec_result{3, 0, "out", "bad"}),
            "[3, 0, \"out\", \"bad\"]");
}

TEST_F(script_test, exec_takes_so_much_input) {
  define("return select(2, saker.exec('cat', {input = ('x'):rep(args[1])}))");
  begin({"1048576"});
  settle();
  ASSERT_EQ(env.children.size(), 1u);
  EXPECT_EQ(env.children[0].what.input.size(), longest_input);
  EXPECT_EQ(call({"1048577"})->text(),
            "test.lua:1: saker.exec: input has 1048577 bytes, at most 1048576 "
            "are possible; write it to a file instead");
  EXPECT_EQ(env.children.size(), 1u);
}

TEST_F(script_test, exec_says_what_is_wrong) {
  EXPECT_EQ(refusal("saker.exec()"),
            "saker.exec: the command must be a string, not no value");
  EXPECT_EQ(refusal("saker.exec({})"), "saker.exec: the command is empty");
  EXPECT_EQ(refusal("saker.exec({'a', {}})"),
            "saker.exec: the command[2] must be a string, not table");
  EXPECT_EQ(refusal("saker.exec('a', 0)"),
            "saker.exec: timeout must be more than 0");
  EXPECT_EQ(refusal("saker.exec('a', true)"),
            "saker.exec: the last argument must be a table of options, not "
            "boolean");
  EXPECT_EQ(refusal("saker.exec('a', {timout = 5})"),
            "saker.exec: unknown option \"timout\" (did you mean "
            "\"timeout\"?)");
  EXPECT_EQ(refusal("saker.exec('a', {env = {[{}] = 1}})"),
            "saker.exec: env must be a table of strings");
  EXPECT_EQ(refusal("saker.exec('a', {env = {['a=b'] = 1}})"),
            "saker.exec: env: \"a=b\" is no name of a variable");
  EXPECT_EQ(refusal("saker.exec('a\\0b')"),
            "saker.exec: command, dir and env cannot hold zero bytes");
  EXPECT_TRUE(env.children.empty());
}

TEST_F(script_test, an_answer_that_nobody_waits_for_is_ignored) {
  begin_waiting("return saker.publish('c', 'm')");
  uut().answer(9999, value{1});
  EXPECT_TRUE(settle().empty());
  auto id = open_request();
  EXPECT_EQ(reply_to(value{1}), "1");
  uut().answer(id, value{2});
  EXPECT_TRUE(settle().empty());
}

TEST_F(script_test, answers_find_their_tasks_in_any_order) {
  define("return {args[1], saker.publish('c', args[1])}");
  begin({"a"});
  begin({"b"});
  settle();
  ASSERT_EQ(env.published.size(), 2u);
  uut().answer(env.published[1].id, value{2});
  auto first = settle();
  uut().answer(env.published[0].id, value{1});
  auto second = settle();
  ASSERT_EQ(first.size(), 1u);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(to_string(*first[0].value), "[\"b\", 2]");
  EXPECT_EQ(to_string(*second[0].value), "[\"a\", 1]");
}

// -- cancel --------------------------------------------------------------------

TEST_F(script_test, a_cancelled_task_is_gone_and_its_request_forgotten) {
  begin_waiting("return saker.exec('sleep 100')");
  auto request = open_request();
  auto task = begin({});
  EXPECT_TRUE(uut().cancel(task)); // one that has not begun
  EXPECT_FALSE(uut().cancel(task));
  EXPECT_EQ(row("test").tasks, 1u);
  EXPECT_TRUE(uut().cancel(task - 1));
  EXPECT_EQ(env.forgotten, std::vector<request_id>{request});
  EXPECT_EQ(row("test").tasks, 0u);
  uut().answer(request, exec_result{});
  EXPECT_TRUE(settle().empty());
}

TEST_F(script_test, forgets_its_requests_when_it_dies) {
  begin_waiting("return saker.exec('sleep 100')");
  script_.reset();
  EXPECT_EQ(env.forgotten.size(), 1u);
  EXPECT_TRUE(env.waiting.empty());
}

TEST_F(script_test, a_sleeping_task_can_be_cancelled) {
  define("saker.sleep(10) woke = true");
  auto id = begin();
  settle();
  EXPECT_TRUE(uut().cancel(id));
  EXPECT_TRUE(advance(1s).empty());
  EXPECT_EQ(*eval("return tostring(woke)"), value{"nil"});
}

TEST_F(script_test, a_cancelled_cycle_runs_again_later) {
  load("saker.register('c', function() n = (n or 0) + 1 saker.sleep('1h') end, "
       "PROP_CYCLE, {every = '1s'})");
  EXPECT_TRUE(uut().cancel(2));
  advance(2s);
  EXPECT_EQ(row("c").tasks, 1u);
  EXPECT_EQ(*eval("return n"), value{2});
}

// -- budgets -------------------------------------------------------------------

TEST_F(script_test, only_the_time_between_two_pauses_counts) {
  env.tick = 1ms;
  define("for i = 1, 10 do for k = 1, 100000 do end saker.sleep(0) end "
         "return 'done'");
  EXPECT_EQ(*call(), value{"done"});
  define("for i = 1, 1e9 do end");
  auto out = call();
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, errc::busy);
  EXPECT_EQ(out.error().detail.substr(0, out.error().detail.find('\n')),
            "test.lua:1: ran for 50ms without a pause: do less at once, or "
            "call saker.sleep(0) in long loops");
}

/// Wherever the run stands when its time is over.
TEST_F(script_test, the_end_of_a_budget_tells_its_line) {
  env.tick = 1ms;
  auto line_of = [&](const std::string& code) {
    define(code);
    auto out = call();
    auto text = out ? "no error" : out.error().detail;
    return text.substr(0, text.find(" ran for"));
  };
  EXPECT_EQ(line_of("\nwhile true do end"), "test.lua:2:");
  EXPECT_EQ(line_of("local function f()\n while true do end\nend\nf()"),
            "test.lua:2:");
  EXPECT_EQ(line_of("local a, b = 1\nwhile true do\na = a + 1 b = "
                    "tostring(a) end")
              .substr(0, 9),
            "test.lua:");
  EXPECT_EQ(line_of("\nlocal co = coroutine.wrap(function()\nwhile true do end"
                    " end)\nco()"),
            "test.lua:3:");
  EXPECT_EQ(line_of("\n\npcall(function() while true do end end)"),
            "test.lua:3:");
}

TEST_F(script_test, a_call_of_a_cycle_does_not_stop_it) {
  load("n = 0 saker.register('test', function() n = n + 1 return n end, "
       "PROP_CYCLE, {every = '10s'})");
  settle();
  EXPECT_EQ(*call(), value{2});
  advance(10s);
  EXPECT_EQ(*call(), value{4});
}

TEST_F(script_test, an_alias_that_is_replaced_leaves_no_timer_behind) {
  env.tick = 0ns;
  load("function again() saker.register('cycle', print, PROP_CYCLE, "
       "{every = '1h'}) end again() "
       "saker.register('gone', print, PROP_CYCLE, {every = '1s'})");
  settle();
  define("again() assert(saker.unregister('gone'))");
  env.clock += 1min;
  EXPECT_TRUE(call());
  settle();
  auto due = uut().next_wake();
  ASSERT_TRUE(due);
  EXPECT_EQ(*due, env.clock + 1h);
}

TEST_F(script_test, has_only_so_many_aliases) {
  EXPECT_EQ(*eval("for i = 1, 999 do assert(saker.register('a' .. i, print, "
                  "PROP_PASSIVITY)) end return 'all'"),
            value{"all"});
  EXPECT_EQ(refusal("saker.register('more', print, PROP_PASSIVITY)"),
            "saker.register: test.lua has 1000 aliases, and more are not "
            "possible");
  EXPECT_TRUE(eval("assert(saker.register('a1', print, PROP_PASSIVITY))"));
  EXPECT_EQ(uut().commands().size(), 1000u);
}

TEST_F(script_test, what_a_request_holds_counts_as_its_memory) {
  // A long string is there once, however often it is given.
  options.engine.memory = 4u << 20;
  auto many = "local s, t = ('x'):rep(1e6), {} for i = 1, 100 do t[i] = s end ";
  for (auto end : {"saker.call(table.unpack(t))", "saker.exec(t)",
                   "saker.exec('x', {env = {a = s, b = s, c = s, d = s}})"}) {
    auto out = eval(many + std::string{end});
    ASSERT_FALSE(out) << end;
    EXPECT_EQ(out.error().code, errc::out_of_memory) << end;
  }
  EXPECT_TRUE(env.waiting.empty());
  // It is free again when the answer is there.
  auto before = uut().memory();
  begin_waiting("saker.publish('c', ('x'):rep(1e6)) return 'over'");
  EXPECT_GT(uut().memory(), before + 2'000'000);
  EXPECT_EQ(reply_to(value{1}), "\"over\"");
  define("collectgarbage() collectgarbage() return 1");
  for (auto i = 0; i < 50; ++i)
    EXPECT_TRUE(call());
  EXPECT_LT(uut().memory(), before + 100'000);
}

TEST_F(script_test, messages_and_names_are_cut) {
  auto out = eval("error(('x'):rep(1e6))");
  ASSERT_FALSE(out);
  EXPECT_LT(out.error().detail.size(), 8'000u);
  EXPECT_LT(row("test").last_error.size(), 1'000u);
  out = eval(("local t = {} t['" + std::string(100'000, 'y') + "']()"));
  ASSERT_FALSE(out);
  EXPECT_LT(out.error().detail.size(), 8'000u);
  EXPECT_TRUE(eval("saker.log('info', ('z'):rep(1e6)) print(('z'):rep(1e6))"));
  ASSERT_EQ(env.lines.size(), 2u);
  for (auto& x : env.lines)
    EXPECT_LT(x.text.size(), 9'000u);
}

TEST_F(script_test, every_message_of_ours_says_where) {
  auto first_line = [&](std::string_view text) {
    auto out = eval(text);
    EXPECT_FALSE(out);
    auto detail = out ? "" : out.error().detail;
    return detail.substr(0, detail.find('\n'));
  };
  EXPECT_EQ(first_line("local x\n\nassert(saker.sleep(x))"),
            "test.lua:3: saker.sleep: the time must be milliseconds or a text "
            "like \"5s\", not nil");
  EXPECT_EQ(first_line("\nlocal t = {}\nwhile true do t[#t + 1] = {} end")
              .substr(0, 30),
            "test.lua:3: needs more than 8m");
  EXPECT_EQ(
    first_line("\n\n\nreturn ('a'):rep(300):find('.-.-.-.-b')").substr(0, 12),
    "test.lua:4: ");
  env.tick = 1ms;
  EXPECT_EQ(first_line("\ntable.sort({2, 1},\nfunction() while true do\n"
                       "local x = 1 end end)")
              .substr(0, 12),
            "test.lua:4: ");
}

TEST_F(script_test, sleeping_and_waiting_are_free) {
  define("for i = 1, 100 do saker.sleep('1h') end return 'done'");
  EXPECT_EQ(*call(), value{"done"});
}

TEST_F(script_test, a_script_cannot_catch_its_end) {
  options.allowed = {200'000, {}};
  for (auto text : {"pcall(function() while true do end end) caught = true",
                    "xpcall(function() while true do end end, function() "
                    "caught = true end) caught = true",
                    "pcall(string.find, ('a'):rep(300), '.-.-.-.-b') "
                    "caught = true",
                    "coroutine.resume(coroutine.create(function() while true "
                    "do end end)) caught = true",
                    "table.sort({1, 2}, function() pcall(function() while "
                    "true do end end) caught = true end)",
                    "pcall(function() local n, t = 0, {} while true do "
                    "n = n + 1 t[n] = {n} end end) caught = true"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(eval(text));
    EXPECT_EQ(*eval("return tostring(caught)"), value{"nil"});
  }
}

TEST_F(script_test, another_task_cannot_resume_what_was_ended) {
  options.allowed = {100'000, {}};
  EXPECT_FALSE(eval("me = coroutine.running() while true do end"));
  EXPECT_EQ(*eval("local ok, why = coroutine.resume(me) return why"),
            value{"cannot resume non-suspended coroutine"});
  begin_waiting("me = coroutine.running() return saker.publish('c', 'm')");
  load("ok, why = coroutine.resume(me)");
  EXPECT_EQ(reply_to(value{5}), "5");
  EXPECT_EQ(
    *eval("return {tostring(ok), why}"),
    (value{resp::array{{"false", "cannot resume non-suspended coroutine"}}}));
}

TEST_F(script_test, other_tasks_go_on_beside_an_endless_one) {
  env.tick = 10us;
  load("saker.register('loop', function() while true do end end, "
       "PROP_PASSIVITY) saker.register('quick', function() return 1 end, "
       "PROP_PASSIVITY)");
  ASSERT_TRUE(uut().call("loop", {}));
  for (int i = 0; i < 100; ++i) {
    auto id = uut().call("quick", {});
    ASSERT_TRUE(id);
    auto first = uut().step(env.clock);
    auto second = uut().step(env.clock);
    EXPECT_EQ(first.finished.size() + second.finished.size(), 1u);
  }
}

TEST_F(script_test, says_when_its_live_data_fill_the_memory) {
  options.allowed = {100'000'000, {}};
  EXPECT_FALSE(eval("local t, n = {}, 0 while true do n = n + 1 t[n] = {n} "
                    "end"));
  EXPECT_FALSE(exhausted);
  EXPECT_FALSE(eval("kept = {} local n = 0 while true do n = n + 1 "
                    "kept[n] = {n} end"));
  EXPECT_TRUE(exhausted);
}

TEST_F(script_test, many_calls_leave_nothing_behind) {
  define("if args[1] == 'fail' then error('no') end "
         "saker.sleep(0) return {args[1], #args}");
  auto many = [&](int n) {
    for (int i = 0; i < n; ++i) {
      begin({i % 10 == 0 ? "fail" : "x", "y"});
      settle();
      settle();
    }
    load("for i = 1, 200 do collectgarbage('step') end");
  };
  many(2000);
  auto before = uut().memory();
  many(30'000);
  EXPECT_LE(uut().memory(), before + 4096);
  EXPECT_EQ(row("test").tasks, 0u);
}

// -- the log -------------------------------------------------------------------

TEST_F(script_test, log_joins_its_arguments) {
  load("assert(saker.log(LOG_INFO, 'a', 1, nil, true)) "
       "saker.log('warning', 'b')");
  EXPECT_EQ(env.lines,
            (std::vector<test::fake_host::line>{
              {log_level::info, "a 1 nil true"}, {log_level::warning, "b"}}));
}

TEST_F(script_test, a_logged_error_tells_where_it_was) {
  load("local function f() saker.log(LOG_ERROR, 'bad') end\nf()\nreturn 1");
  ASSERT_EQ(env.lines.size(), 1u);
  EXPECT_EQ(env.lines[0].text, "bad\nstack traceback:\n"
                               "  [C] in log\n"
                               "  test.lua:1 in f\n"
                               "  test.lua:2 in main chunk");
}

TEST_F(script_test, log_says_what_is_wrong) {
  EXPECT_EQ(refusal("saker.log(0, 'x')"),
            "saker.log: the level must be LOG_FATAL to LOG_TRACE or a name "
            "like \"info\"");
  EXPECT_EQ(refusal("saker.log('loud', 'x')"),
            "no log level \"loud\": use one of fatal, critical, error, "
            "warning, notice, info, debug, trace");
}

TEST_F(script_test, print_goes_to_the_log) {
  load("print('a', 1, setmetatable({}, {__tostring = function() return 't' "
       "end}))");
  EXPECT_EQ(env.lines,
            (std::vector<test::fake_host::line>{{log_level::info, "a\t1\tt"}}));
}

// -- the standard library ------------------------------------------------------

TEST_F(script_test, clocks_are_those_of_the_host) {
  EXPECT_EQ(*eval("return os.time()"), value{1'700'000'000});
  EXPECT_EQ(*eval("return os.date('!%Y-%m-%d %H:%M:%S')"),
            value{"2023-11-14 22:13:20"});
  EXPECT_EQ(*eval("return os.date('!%Y', 0)"), value{"1970"});
  EXPECT_EQ(*eval("return os.date('!*t').year"), value{2023});
  EXPECT_EQ(*eval("return os.time{year = 2000, month = 1, day = 2, hour = 12} "
                  "- os.time{year = 2000, month = 1, day = 1, hour = 12}"),
            value{86400});
  env.tick = 1ms;
  EXPECT_EQ(*eval("local a = os.clock() for i = 1, 1e5 do end "
                  "return os.clock() > a"),
            value{1});
}

TEST_F(script_test, what_would_block_or_end_saker_is_not_there) {
  EXPECT_EQ(*eval("return {io == nil, os.remove == nil, os.rename == nil, "
                  "os.tmpname == nil, os.setlocale == nil, dofile == nil, "
                  "loadfile == nil, string.dump == nil, debug.sethook == nil, "
                  "debug.getregistry == nil, debug.setmetatable == nil, "
                  "package.loadlib == nil}"),
            (value{resp::array{{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}}));
  auto exit = eval("os.exit(1)");
  ASSERT_FALSE(exit);
  EXPECT_NE(exit.error().detail.find("os.exit would end Saker"),
            std::string::npos);
  auto execute = eval("os.execute('ls')");
  ASSERT_FALSE(execute);
  EXPECT_NE(execute.error().detail.find("use saker.exec"), std::string::npos);
}

TEST_F(script_test, load_takes_text_only_and_not_too_much) {
  EXPECT_EQ(*eval("return load('return 1 + 1')()"), value{2});
  EXPECT_EQ(*eval("return load('return a', 'x', 't', {a = 3})()"), value{3});
  EXPECT_EQ(*eval("local f, why = load('x = = 1', '=name') return why"),
            value{"name:1: unexpected symbol near '='"});
  EXPECT_EQ(*eval("local f, why = load('\\27Lua') return why"),
            value{"attempt to load a binary chunk (mode is 't')"});
  EXPECT_EQ(*eval("local f, why = load('return 1', 'x', 'b') return why"),
            value{"load: only text can be loaded"});
  EXPECT_EQ(*eval("local f, why = load((' '):rep(2e6)) return why"),
            value{"load: the source is larger than 1048576 bytes"});
  EXPECT_EQ(*eval("return tostring(pcall(load, function() return {} end))"),
            value{"false"});
}

} // namespace
} // namespace saker::lua

#include "tests/lua/support/script_test.hpp"

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using resp::value;

class script_budget_test : public test::script_test {};

// -- budgets -------------------------------------------------------------------

TEST_F(script_budget_test, only_the_time_between_two_pauses_counts) {
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
TEST_F(script_budget_test, the_end_of_a_budget_tells_its_line) {
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

TEST_F(script_budget_test, a_call_of_a_cycle_does_not_stop_it) {
  load("n = 0 saker.register('test', function() n = n + 1 return n end, "
       "PROP_CYCLE, {every = '10s'})");
  settle();
  EXPECT_EQ(*call(), value{2});
  advance(10s);
  EXPECT_EQ(*call(), value{4});
}

TEST_F(script_budget_test, an_alias_that_is_replaced_leaves_no_timer_behind) {
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

TEST_F(script_budget_test, has_only_so_many_aliases) {
  EXPECT_EQ(*eval("for i = 1, 999 do assert(saker.register('a' .. i, print, "
                  "PROP_PASSIVITY)) end return 'all'"),
            value{"all"});
  EXPECT_EQ(refusal("saker.register('more', print, PROP_PASSIVITY)"),
            "saker.register: test.lua has 1000 aliases, and more are not "
            "possible");
  EXPECT_TRUE(eval("assert(saker.register('a1', print, PROP_PASSIVITY))"));
  EXPECT_EQ(uut().commands().size(), 1000u);
}

TEST_F(script_budget_test, what_a_request_holds_counts_as_its_memory) {
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

TEST_F(script_budget_test, messages_and_names_are_cut) {
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

TEST_F(script_budget_test, every_message_of_ours_says_where) {
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

TEST_F(script_budget_test, sleeping_and_waiting_are_free) {
  define("for i = 1, 100 do saker.sleep('1h') end return 'done'");
  EXPECT_EQ(*call(), value{"done"});
}

TEST_F(script_budget_test, a_script_cannot_catch_its_end) {
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

TEST_F(script_budget_test, another_task_cannot_resume_what_was_ended) {
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

TEST_F(script_budget_test, other_tasks_go_on_beside_an_endless_one) {
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

TEST_F(script_budget_test, says_when_its_live_data_fill_the_memory) {
  options.allowed = {100'000'000, {}};
  EXPECT_FALSE(eval("local t, n = {}, 0 while true do n = n + 1 t[n] = {n} "
                    "end"));
  EXPECT_FALSE(exhausted);
  EXPECT_FALSE(eval("kept = {} local n = 0 while true do n = n + 1 "
                    "kept[n] = {n} end"));
  EXPECT_TRUE(exhausted);
}

TEST_F(script_budget_test, many_calls_leave_nothing_behind) {
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
  // Less than a byte for each call.
  EXPECT_LE(uut().memory(), before + 16'384);
  EXPECT_EQ(row("test").tasks, 0u);
}

// -- the log -------------------------------------------------------------------

TEST_F(script_budget_test, log_joins_its_arguments) {
  load("assert(saker.log(LOG_INFO, 'a', 1, nil, true)) "
       "saker.log('warning', 'b')");
  EXPECT_EQ(env.lines,
            (std::vector<test::fake_host::line>{
              {log_level::info, "a 1 nil true"}, {log_level::warning, "b"}}));
}

TEST_F(script_budget_test, a_logged_error_tells_where_it_was) {
  load("local function f() saker.log(LOG_ERROR, 'bad') end\nf()\nreturn 1");
  ASSERT_EQ(env.lines.size(), 1u);
  EXPECT_EQ(env.lines[0].text, "bad\nstack traceback:\n"
                               "  [C] in log\n"
                               "  test.lua:1 in f\n"
                               "  test.lua:2 in main chunk");
}

TEST_F(script_budget_test, log_says_what_is_wrong) {
  EXPECT_EQ(refusal("saker.log(0, 'x')"),
            "saker.log: the level must be LOG_FATAL to LOG_TRACE or a name "
            "like \"info\"");
  EXPECT_EQ(refusal("saker.log('loud', 'x')"),
            "no log level \"loud\": use one of fatal, critical, error, "
            "warning, notice, info, debug, trace");
}

TEST_F(script_budget_test, print_goes_to_the_log) {
  load("print('a', 1, setmetatable({}, {__tostring = function() return 't' "
       "end}))");
  EXPECT_EQ(env.lines,
            (std::vector<test::fake_host::line>{{log_level::info, "a\t1\tt"}}));
}

// -- the standard library ------------------------------------------------------

TEST_F(script_budget_test, clocks_are_those_of_the_host) {
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

TEST_F(script_budget_test, what_would_block_or_end_saker_is_not_there) {
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

TEST_F(script_budget_test, load_takes_text_only_and_not_too_much) {
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

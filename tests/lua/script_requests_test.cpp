#include "tests/lua/support/script_test.hpp"

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using resp::value;

class script_requests_test : public test::script_test {};

// -- sleep ---------------------------------------------------------------------

TEST_F(script_requests_test, sleep_takes_its_time_and_nobody_elses) {
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

TEST_F(script_requests_test, sleep_takes_durations_as_text) {
  env.tick = 0ns;
  define("saker.sleep('1.5s')");
  begin();
  settle();
  EXPECT_EQ(uut().next_wake(), env.clock + 1500ms);
}

TEST_F(script_requests_test, sleep_says_what_is_wrong) {
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

TEST_F(script_requests_test, what_waits_cannot_be_called_below_a_c_function) {
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

TEST_F(script_requests_test, publish_forges_no_events_and_no_output) {
  for (std::string channel : {"saker:n:web:exit", "log:n:web", "audit:n:ann"})
    EXPECT_EQ(
      *eval("local n, why = saker.publish('" + channel
            + "', 'x') return tostring(n) .. ': ' .. why"),
      value{"nil: test.lua:1: saker.publish: channels saker:*, log:* and "
            "audit:* are Saker's own; take another name"});
  EXPECT_TRUE(env.published.empty());
}

TEST_F(script_requests_test, publish_gives_the_receivers) {
  begin_waiting("return saker.publish('news', 'a\\0b')");
  ASSERT_EQ(env.published.size(), 1u);
  EXPECT_EQ(env.published[0].channel, "news");
  EXPECT_EQ(env.published[0].text, std::string("a\0b", 3));
  EXPECT_EQ(row("test").state, "waiting");
  EXPECT_EQ(reply_to(value{3}), "3");
}

TEST_F(script_requests_test, a_failed_request_is_nil_and_a_message) {
  begin_waiting("local n, why = saker.publish('c', 'm') "
                "return {tostring(n), why}");
  EXPECT_EQ(reply_to(fail(errc::busy, "too fast")),
            "[\"nil\", \"test.lua:1: too fast\"]");
  begin_waiting("local n, why = saker.publish('c', 'm') return why");
  EXPECT_EQ(reply_to(fail(errc::timeout)),
            "\"test.lua:1: " + std::string{to_string(errc::timeout)} + "\"");
}

TEST_F(script_requests_test, call_takes_a_command_and_gives_its_reply) {
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

TEST_F(script_requests_test, call_gives_errors_as_nil_and_text) {
  begin_waiting("local x, why = saker.call('NONSENSE') return {x == nil, why}");
  EXPECT_EQ(reply_to(value{resp::error{"ERR unknown command"}}),
            "[1, \"ERR unknown command\"]");
}

TEST_F(script_requests_test, exec_of_a_text_asks_the_shell) {
  begin_waiting("return saker.exec('echo $HOME', 500)");
  ASSERT_EQ(env.children.size(), 1u);
  exec_spec wanted{{"/bin/sh", "-c", "echo $HOME"}, 500ms, "", {}, ""};
  EXPECT_EQ(env.children[0].what, wanted);
}

TEST_F(script_requests_test, exec_of_a_list_needs_no_shell) {
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

TEST_F(script_requests_test, exec_takes_so_much_input) {
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

TEST_F(script_requests_test, exec_says_what_is_wrong) {
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

TEST_F(script_requests_test, an_answer_that_nobody_waits_for_is_ignored) {
  begin_waiting("return saker.publish('c', 'm')");
  uut().answer(9999, value{1});
  EXPECT_TRUE(settle().empty());
  auto id = open_request();
  EXPECT_EQ(reply_to(value{1}), "1");
  uut().answer(id, value{2});
  EXPECT_TRUE(settle().empty());
}

TEST_F(script_requests_test, answers_find_their_tasks_in_any_order) {
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

TEST_F(script_requests_test,
       a_cancelled_task_is_gone_and_its_request_forgotten) {
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

TEST_F(script_requests_test, forgets_its_requests_when_it_dies) {
  begin_waiting("return saker.exec('sleep 100')");
  script_.reset();
  EXPECT_EQ(env.forgotten.size(), 1u);
  EXPECT_TRUE(env.waiting.empty());
}

TEST_F(script_requests_test, a_sleeping_task_can_be_cancelled) {
  define("saker.sleep(10) woke = true");
  auto id = begin();
  settle();
  EXPECT_TRUE(uut().cancel(id));
  EXPECT_TRUE(advance(1s).empty());
  EXPECT_EQ(*eval("return tostring(woke)"), value{"nil"});
}

TEST_F(script_requests_test, a_cancelled_cycle_runs_again_later) {
  load("saker.register('c', function() n = (n or 0) + 1 saker.sleep('1h') end, "
       "PROP_CYCLE, {every = '1s'})");
  EXPECT_TRUE(uut().cancel(2));
  advance(2s);
  EXPECT_EQ(row("c").tasks, 1u);
  EXPECT_EQ(*eval("return n"), value{2});
}

} // namespace
} // namespace saker::lua

#include "tests/support/script_fixture.hpp"

#include <algorithm>

namespace saker {
namespace {

using namespace std::chrono_literals;

class script_messages_test : public test::script_fixture {};

// -- subscriptions, events, chores -----------------------------------------------

TEST_F(script_messages_test, hears_the_channels_and_patterns_it_subscribed_to) {
  load("a.lua", "heard = {} local function note(c, m) heard[#heard + 1] = "
                "c .. '=' .. m end saker.subscribe('news', note) "
                "handle = saker.subscribe('n*', note) "
                "saker.register('heard', function() return heard end, "
                "PROP_PASSIVITY) saker.register('close', function() "
                "return (handle:close()) end, PROP_PASSIVITY) "
                "saker.register('say', function(a) return "
                "saker.publish('news', a[1]) end, PROP_PASSIVITY)");
  EXPECT_EQ(figures.channels.get(), 1);
  EXPECT_EQ(figures.patterns.get(), 1);
  EXPECT_EQ(call({"say", "x"}), resp::value{2});
  settle();
  EXPECT_EQ(to_string(call({"heard"})), R"(["news=x", "news=x"])");
  call({"close"});
  EXPECT_EQ(figures.patterns.get(), 0);
  EXPECT_EQ(call({"say", "y"}), resp::value{1});
  settle();
  EXPECT_EQ(call({"heard"}).items().size(), 3u);
}

TEST_F(script_messages_test, hears_nothing_any_more_when_it_has_ended) {
  load("a.lua", "saker.subscribe('news', print)");
  EXPECT_EQ(figures.channels.get(), 1);
  command({"UNLOAD", "a.lua"});
  advance(2s);
  EXPECT_EQ(figures.channels.get(), 0);
}

TEST_F(script_messages_test, q4_messages_that_it_cannot_take_are_counted) {
  auto with = std::make_shared<script_links>(*links);
  with->mail.messages = 2;
  links = with;
  load("a.lua", "n, lost = 0, 0 saker.subscribe('c', function(_, _, missed) "
                "n = n + 1 lost = lost + missed saker.sleep(1000) end) "
                "saker.register('n', function() return {n, lost} end, "
                "PROP_PASSIVITY)");
  session::publish_batch batch;
  for (auto i = 0; i < 10; ++i)
    batch.add("c", "x");
  tell(connections->broker, atom::emit_v, batch);
  advance(5s);
  EXPECT_EQ(to_string(call({"n"})), "[2, 0]");
  EXPECT_EQ(std::count_if(
              log.begin(), log.end(),
              [](auto& x) { return x.find("messages come faster") != x.npos; }),
            1);
  tell(connections->broker, atom::emit_v, batch);
  settle();
  EXPECT_EQ(to_string(call({"n"})), "[3, 8]");
}

TEST_F(script_messages_test, an_event_goes_out_under_the_name_of_its_file) {
  load("a.lua", "saker.register('e', function() return saker.event('saved', "
                "{n = 1}) end, PROP_PASSIVITY)");
  EXPECT_EQ(call({"e"}), resp::value{"1-1"});
  EXPECT_EQ(emitted, std::vector<std::string>{R"(a.lua saved {"n":1})"});
}

TEST_F(script_messages_test, what_may_block_is_done_by_other_threads) {
  load("a.lua", "saker.register('ls', function(a) return saker.ls(a[1]) end, "
                "PROP_PASSIVITY)");
  auto names = call({"ls", "/proc/self/task"});
  EXPECT_FALSE(names.items().empty()) << names;
  EXPECT_TRUE(call({"ls", "/nowhere"}).is_error());
}

TEST_F(script_messages_test, t_c18_a_chore_that_hangs_is_given_up) {
  test::fake_crew hanging;
  auto with = std::make_shared<script_links>(*links);
  with->chores = &hanging;
  links = with;
  load("a.lua", "saker.register('ls', function() local x, why = "
                "saker.ls('/') return why end, PROP_PASSIVITY) "
                "saker.register('ok', function() return 1 end, "
                "PROP_PASSIVITY)");
  command_call what;
  what.what.args = {"ls"};
  auto waiting = self->request(directory->script("a.lua"), caf::infinite,
                               atom::call_v, what);
  settle();
  EXPECT_EQ(hanging.jobs.size(), 1u);
  EXPECT_EQ(call({"ok"}), resp::value{1});
  advance(31s);
  EXPECT_EQ(hanging.stuck, 1u);
  resp::value answer;
  waiting.receive([&](const resp::value& x) { answer = x; },
                  [](const caf::error&) { FAIL(); });
  EXPECT_NE(answer.text().find("took too long"), std::string_view::npos);
  command({"UNLOAD", "a.lua"});
  EXPECT_TRUE(hanging.run_one()); // it returns at last, to nobody
  EXPECT_EQ(hanging.stuck, 0u);
}

} // namespace
} // namespace saker

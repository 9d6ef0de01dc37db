#include "tests/support/script_fixture.hpp"

namespace saker {
namespace {

using namespace std::chrono_literals;

using script_test = test::script_fixture;

subscriber_actor::behavior_type
monitoring_client(subscriber_actor::pointer, std::string* got) {
  return {
    [got](atom::deliver, const frame_list& frames) {
      for (auto& x : frames)
        *got += *x;
    },
    [](atom::report, session::request_id, const receiver_counts&) {},
    [](atom::report, session::request_id) {},
  };
}

TEST_F(script_test, loads_nothing_once_the_end_has_begun) {
  load("a.lua", "saker.register('ok', function() return 1 end, "
                "PROP_PASSIVITY)");
  ask<bool>(uut, atom::finish_v);
  tell(uut, atom::tick_v); // the watch on the directory
  advance(10s);
  EXPECT_TRUE(call({"ok"}).is_error());
  EXPECT_TRUE(command({"TASKS"}).items().empty());
  EXPECT_TRUE(command({"LOAD", "a.lua"}).text().starts_with("LOADING"));
}

TEST_F(script_test, gives_every_client_the_commands_of_a_loaded_file) {
  EXPECT_EQ(load("a.lua", "saker.register('hi', function(args) "
                          "return 'hello ' .. args[1] end, PROP_PASSIVITY)"),
            resp::ok());
  EXPECT_EQ(call({"hi", "bob"}), resp::value{"hello bob"});
  EXPECT_EQ(call({"HI", "amy"}), resp::value{"hello amy"});
}

TEST_F(script_test, shows_its_calls_to_who_monitors_as_redis_does) {
  std::string lines;
  auto who = spawn(monitoring_client, &lines);
  tell(connections->broker, atom::subscribe_v, who,
       session::subscribe{
         session::subscription_kind::monitor, {""}, resp::protocol::resp2});
  auto settings = std::make_shared<session::settings>();
  settings->monitored = std::make_shared<std::atomic<bool>>(true);
  connections->settings = settings;
  load("a.lua", "saker.register('e', function() "
                "return saker.call('ECHO', 'hi') end, PROP_PASSIVITY)");
  EXPECT_EQ(call({"e"}), resp::value{"hi"});
  EXPECT_NE(lines.find(" [0 lua] \"ECHO\" \"hi\"\r\n"), lines.npos) << lines;
  EXPECT_EQ(lines.find("HELLO"), lines.npos) << lines;
}

TEST_F(script_test,
       counts_for_the_slow_log_what_lua_runs_and_not_what_it_waits) {
  load("a.lua", "saker.register('nap', function() saker.sleep(5000) "
                "return 1 end, PROP_PASSIVITY)");
  for (auto [limit, entries] : {std::pair{1s, 0u}, std::pair{0s, 1u}}) {
    auto slow = std::make_shared<session::slow_log>(limit, 10);
    command_call what;
    what.what.args = {"nap", "a", "--password", "secret"};
    what.origin = {slow, "127.0.0.1:1", "me"};
    auto id = self
                ->request(directory->script("a.lua"), caf::infinite,
                          atom::call_v, std::move(what))
                .id();
    settle();
    advance(5s);
    EXPECT_TRUE(answer<resp::value>(id));
    ASSERT_EQ(slow->size(), entries);
    if (entries > 0) {
      EXPECT_EQ(slow->newest()[0].words,
                (std::vector<std::string>{"nap", "a", "--password", "***"}));
    }
  }
}

TEST_F(script_test, ends_an_endless_loop_and_goes_on) {
  load("a.lua", "saker.register('spin', function() while true do end end, "
                "PROP_PASSIVITY) saker.register('ok', function() return 1 end, "
                "PROP_PASSIVITY)");
  EXPECT_EQ(call({"spin"}).text().substr(0, 4), "BUSY");
  EXPECT_EQ(call({"ok"}), resp::value{1});
}

TEST_F(script_test, ends_a_memory_bomb_and_goes_on) {
  load("a.lua",
       "saker.register('bomb', function() local t = {} for i = 1, 1e9 do "
       "t[i] = ('x'):rep(100000) .. i end end, PROP_PASSIVITY) "
       "saker.register('ok', function() return 1 end, PROP_PASSIVITY)");
  EXPECT_EQ(call({"bomb"}).text().substr(0, 3), "OOM");
  EXPECT_EQ(call({"ok"}), resp::value{1});
}

TEST_F(script_test, publishes_and_hears_how_many_got_it) {
  load("a.lua", "saker.register('p', function() "
                "return saker.publish('c', 'm') end, PROP_PASSIVITY)");
  EXPECT_EQ(call({"p"}), resp::value{0});
  EXPECT_EQ(figures.published.get(), 1);
}

TEST_F(script_test, runs_commands_of_saker_and_children) {
  load("a.lua",
       "saker.register('s', function() return saker.call('SVSTATUS', 'web') "
       "end, PROP_PASSIVITY) saker.register('e', function() "
       "return saker.exec({'/bin/x'}).out end, PROP_PASSIVITY) "
       "saker.register('f', function() local r, why = saker.exec({'/nope'}) "
       "return tostring(r) .. ' ' .. why end, PROP_PASSIVITY) "
       "saker.register('l', function() return saker.call('ECHO', 'x') end, "
       "PROP_PASSIVITY)");
  EXPECT_EQ(call({"s"}), resp::value{"SVSTATUS web script:a.lua"});
  EXPECT_EQ(call({"e"}), resp::value{"/bin/x"});
  EXPECT_EQ(call({"l"}), resp::value{"x"});
  auto failed = std::string{call({"f"}).text()};
  EXPECT_EQ(failed.substr(0, 4), "nil ");
  EXPECT_NE(failed.find("ENOENT"), std::string::npos) << failed;
}

TEST_F(script_test, refuses_commands_that_need_a_connection) {
  load("a.lua", "saker.register('s', function(a) local _, why = "
                "saker.call(table.unpack(a)) return why end, PROP_PASSIVITY)");
  using words = std::vector<std::string>;
  for (auto& argv :
       {words{"s", "SUBSCRIBE", "a"}, words{"s", "multi"},
        words{"s", "DISCARD"}, words{"s", "Watch", "a"}, words{"s", "UNWATCH"},
        words{"s", "client", "reply", "on"}, words{"s", "SSUBSCRIBE", "a"},
        words{"s", "monitor"}, words{"s", "DEBUG", "sleep", "1"}})
    EXPECT_NE(call(argv).text().find("belongs to a connection"),
              std::string_view::npos)
      << argv[1];
}

TEST_F(script_test, sleeps_without_holding_anybody_up) {
  load("a.lua", "saker.register('nap', function() saker.sleep(1000) "
                "return 'awake' end, PROP_PASSIVITY) "
                "saker.register('ok', function() return 1 end, "
                "PROP_PASSIVITY)");
  command_call what{};
  what.what.args = {"nap"};
  auto sleeping = self->request(directory->script("a.lua"), caf::infinite,
                                atom::call_v, what);
  settle();
  EXPECT_EQ(call({"ok"}), resp::value{1});
  EXPECT_FALSE(self->has_next_message());
  advance(1s);
  resp::value answer;
  sleeping.receive([&](const resp::value& x) { answer = x; },
                   [](const caf::error&) { FAIL(); });
  EXPECT_EQ(answer, resp::value{"awake"});
}

TEST_F(script_test, repeats_a_cycle_after_its_interval) {
  load("a.lua", "n = 0 saker.register('tick', function() n = n + 1 end, "
                "PROP_CYCLE, {every = '2s'}) "
                "saker.register('n', function() return n end, PROP_PASSIVITY)");
  auto first = *call({"n"}).integer();
  advance(2s);
  EXPECT_EQ(*call({"n"}).integer(), first + 1);
  advance(4s);
  EXPECT_EQ(*call({"n"}).integer(), first + 3);
}

TEST_F(script_test, keeps_the_old_version_when_the_new_one_fails) {
  load("a.lua", "saker.register('v', function() return 1 end, PROP_PASSIVITY)");
  auto x = load("a.lua", "saker.register('v', function() return 2 end, "
                         "PROP_PASSIVITY) error('broken')");
  ASSERT_TRUE(x.is_error());
  EXPECT_NE(x.text().find("a.lua:1"), std::string::npos) << x;
  EXPECT_EQ(call({"v"}), resp::value{1});
  load("a.lua", "saker.register('v', function() return 3 end, PROP_PASSIVITY)");
  EXPECT_EQ(call({"v"}), resp::value{3});
}

TEST_F(script_test, a_module_beside_the_scripts_is_quiet) {
  EXPECT_EQ(load("m.lua", "local M = {} function M.word() return 'x' end "
                          "return M"),
            resp::ok());
  EXPECT_TRUE(log.empty());
  EXPECT_TRUE(command({"TASKS"}).items().empty());
}

TEST_F(script_test, what_was_unloaded_by_hand_stays_away_until_load) {
  load("a.lua", "saker.register('x', function() return 1 end, "
                "PROP_PASSIVITY)");
  command({"UNLOAD", "a"});
  caf::anon_send(uut, atom::tick_v);
  settle();
  EXPECT_TRUE(call({"x"}).is_error());
  EXPECT_EQ(command({"LOAD", "a"}), resp::ok());
  EXPECT_EQ(call({"x"}), resp::value{1});
}

TEST_F(script_test, commands_that_run_end_before_their_script_does) {
  load("a.lua", "saker.register('nap', function(args) "
                "saker.sleep(tonumber(args[1])) return 'awake' end, "
                "PROP_PASSIVITY)");
  auto begin = [this](const char* ms) {
    command_call what;
    what.what.args = {"nap", ms};
    return self->request(directory->script("a.lua"), caf::infinite,
                         atom::call_v, what);
  };
  auto text_of = [](auto& open) {
    std::string text;
    open.receive([&](const resp::value& x) { text = x.text(); },
                 [](const caf::error&) { FAIL(); });
    return text;
  };
  auto short_one = begin("500");
  auto long_one = begin("100000");
  settle();
  files["a.lua"] += " ";
  EXPECT_EQ(command({"LOAD", "a"}), resp::ok());
  advance(500ms);
  EXPECT_EQ(text_of(short_one), "awake");
  advance(500ms);
  auto why = text_of(long_one);
  EXPECT_NE(why.find("a.lua was unloaded"), std::string::npos) << why;
}

TEST_F(script_test, who_waits_for_a_script_that_dies_is_told) {
  load("a.lua", "saker.register('nap', function() saker.sleep(100000) end, "
                "PROP_PASSIVITY)");
  auto script = directory->script("a.lua");
  command_call what;
  what.what.args = {"nap"};
  auto open = self->request(script, caf::infinite, atom::call_v, what);
  settle();
  caf::anon_send_exit(script, caf::exit_reason::kill);
  settle();
  auto told = false;
  open.receive([&](const resp::value& x) { told = x.is_error(); },
               [](const caf::error&) { FAIL(); });
  EXPECT_TRUE(told);
}

TEST_F(script_test, says_once_why_a_file_cannot_be_loaded) {
  load("a.lua", "error('no')");
  ASSERT_EQ(log.size(), 1u) << log[1];
  EXPECT_EQ(log[0].substr(0, 11), "a.lua:1: no");
}

TEST_F(script_test, arms_one_timer_however_many_calls_come) {
  load("a.lua", "saker.register('tick', function() end, PROP_CYCLE, "
                "{every = '1h'}) saker.register('ok', function() return 1 end, "
                "PROP_PASSIVITY)");
  auto& timers = coordinator().clock().schedule();
  auto before = timers.size();
  for (auto i = 0; i < 100; ++i)
    EXPECT_EQ(call({"ok"}), resp::value{1});
  EXPECT_LE(timers.size(), before);
}

TEST_F(script_test, who_waits_for_a_thread_hears_what_is_wrong_with_it) {
  load("a.lua", "saker.register('ok', function() return 1 end, "
                "PROP_PASSIVITY)");
  threads_fail = true;
  auto reply = call({"ok"});
  EXPECT_NE(reply.text().find("a.lua: no clock"), std::string::npos) << reply;
  EXPECT_TRUE(call({"ok"}).is_error());
  advance(1s);
  EXPECT_EQ(call({"ok"}), resp::value{1});
}

TEST_F(script_test, stays_inside_the_script_directory) {
  files["a.lua"] = "";
  for (auto name : {"../a", "/etc/passwd", ".a", "x/a.lua"})
    EXPECT_TRUE(command({"LOAD", name}).is_error()) << name;
  auto near = command({"LOAD", "aa"});
  EXPECT_NE(near.text().find("did you mean \"a.lua\""), std::string::npos)
    << near;
}

TEST_F(script_test, lists_what_was_registered_and_how_it_went) {
  load("a.lua", "saker.register('x', function() error('no') end, "
                "PROP_PASSIVITY)");
  call({"x"});
  auto rows = command({"TASKS"});
  ASSERT_EQ(rows.items().size(), 1u);
  EXPECT_EQ(rows.items()[0].find("alias")->text(), "x");
  EXPECT_EQ(rows.items()[0].find("file")->text(), "a.lua");
  EXPECT_EQ(*rows.items()[0].find("errors")->integer(), 1);
}

} // namespace
} // namespace saker

#include "tests/support/script_fixture.hpp"

#include <algorithm>

namespace saker {
namespace {

using namespace std::chrono_literals;

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

class script_test : public test::script_fixture {};

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

/// A file that registers x and an alias of its own; both answer its name. It
/// takes `ms` to load.
std::string contender(const std::string& name, int ms = 0) {
  auto answer = ", function() return '" + name + "' end, PROP_PASSIVITY) ";
  return (ms > 0 ? "saker.sleep(" + std::to_string(ms) + ") " : "")
         + "saker.register('x'" + answer + "saker.register('own-" + name + "'"
         + answer;
}

TEST_F(script_test, refuses_only_the_alias_that_is_taken) {
  EXPECT_EQ(load("b.lua", contender("b")), resp::ok());
  auto text = "a.lua: the alias \"x\" is refused, all else of the file works: "
              "b.lua has it already. Choose another one, or UNLOAD b.lua and "
              "LOAD a.lua";
  EXPECT_EQ(load("a.lua", contender("a")),
            resp::value{resp::error{std::string{"ERR "} + text}});
  EXPECT_EQ(log, std::vector<std::string>{text});
  EXPECT_EQ(call({"x"}), resp::value{"b"});
  EXPECT_EQ(call({"own-a"}), resp::value{"a"});
  auto rows = command({"TASKS", "x"});
  ASSERT_EQ(rows.items().size(), 2u);
  EXPECT_EQ(rows.items()[0].find("state")->text(), "refused");
  EXPECT_EQ(rows.items()[0].find("last_error")->text(), text);
  EXPECT_EQ(rows.items()[1].find("file")->text(), "b.lua");
  // What was refused is gone from the script itself: no task of it runs.
  load("c.lua", "saker.register('x', function() saker.publish('c', 'c') end, "
                "PROP_CYCLE, {every = '1s'})");
  auto published = figures.published.get();
  advance(1h);
  EXPECT_EQ(figures.published.get(), published);
  // The advice helps.
  EXPECT_EQ(command({"UNLOAD", "b"}), resp::ok());
  EXPECT_EQ(command({"LOAD", "a"}), resp::ok());
  EXPECT_EQ(call({"x"}), resp::value{"a"});
}

TEST_F(script_test, of_a_common_start_the_first_by_name_has_the_alias) {
  // In each order in which they may be done.
  std::vector<std::string> names{"a", "b", "c"};
  do {
    log.clear();
    for (auto i = 0u; i < names.size(); ++i)
      files[names[i] + ".lua"] = contender(names[i], static_cast<int>(i) * 100);
    auto id = self->request(uut, caf::infinite, atom::open_v).id();
    settle();
    EXPECT_FALSE(answer<bool>(id));
    advance(1s);
    EXPECT_TRUE(answer<bool>(id));
    EXPECT_EQ(call({"x"}), resp::value{"a"});
    for (auto& name : names)
      EXPECT_EQ(call({"own-" + name}), resp::value{name});
    ASSERT_EQ(log.size(), 2u);
    EXPECT_EQ(log[0].substr(0, 20), "b.lua: the alias \"x\"");
    EXPECT_EQ(log[1].substr(0, 20), "c.lua: the alias \"x\"");
    for (auto& line : log)
      EXPECT_NE(line.find("a.lua has it already"), std::string::npos) << line;
    command({"UNLOAD", "a", "b", "c"});
  } while (std::next_permutation(names.begin(), names.end()));
}

TEST_F(script_test, who_has_an_alias_keeps_it_when_files_are_loaded_again) {
  load("b.lua", contender("b"));
  load("a.lua", contender("a"));
  for (auto& x : {"a.lua", "b.lua"})
    files[x] += " ";
  tell(uut, atom::tick_v); // both at once
  settle();
  EXPECT_EQ(call({"x"}), resp::value{"b"});
  EXPECT_TRUE(command({"LOAD", "a", "b"}).is_error());
  EXPECT_EQ(call({"x"}), resp::value{"b"});
  // Also when it dies, until it runs again.
  caf::anon_send_exit(directory->script("b.lua"), caf::exit_reason::kill);
  settle();
  EXPECT_TRUE(command({"LOAD", "a"}).is_error());
  EXPECT_TRUE(call({"x"}).is_error());
  advance(1s);
  EXPECT_EQ(call({"x"}), resp::value{"b"});
}

TEST_F(script_test, an_alias_is_free_when_its_file_does_not_register_it) {
  load("b.lua", contender("b"));
  load("b.lua", "");
  EXPECT_EQ(load("a.lua", contender("a")), resp::ok());
  EXPECT_EQ(call({"x"}), resp::value{"a"});
}

TEST_F(script_test, a_built_in_command_is_refused_and_the_script_goes_on) {
  EXPECT_EQ(load("c.lua", "local ok, why = saker.register('ping', print, "
                          "PROP_PASSIVITY) saker.register('why', function() "
                          "return {ok == nil, why} end, PROP_PASSIVITY)"),
            resp::ok());
  auto why = call({"why"});
  ASSERT_EQ(why.items().size(), 2u);
  EXPECT_NE(why.items()[1].text().find("built-in command"), std::string::npos);
  EXPECT_NE(log.at(0).find("c.lua:1: saker.register: \"ping\""),
            std::string::npos)
    << log[0];
}

TEST_F(script_test, a_module_beside_the_scripts_is_quiet) {
  EXPECT_EQ(load("m.lua", "local M = {} function M.word() return 'x' end "
                          "return M"),
            resp::ok());
  EXPECT_TRUE(log.empty());
  EXPECT_TRUE(command({"TASKS"}).items().empty());
}

TEST_F(script_test, forgets_the_commands_of_an_unloaded_file) {
  load("a.lua", "saker.register('x', function() return 1 end, "
                "PROP_PASSIVITY)");
  EXPECT_EQ(command({"UNLOAD", "x"}), resp::ok());
  EXPECT_TRUE(call({"x"}).is_error());
  EXPECT_TRUE(command({"UNLOAD", "x"}).is_error());
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

TEST_F(script_test, commands_come_and_go_while_the_script_runs) {
  load("b.lua", "saker.register('taken', print, PROP_PASSIVITY)");
  load("a.lua", "saker.register('add', function(args) "
                "return saker.register(args[1], function() return 'new' end, "
                "PROP_PASSIVITY) end, PROP_PASSIVITY) "
                "saker.register('remove', function(args) "
                "return saker.unregister(args[1]) end, PROP_PASSIVITY)");
  EXPECT_EQ(call({"add", "x"}), resp::value{1});
  EXPECT_EQ(call({"x"}), resp::value{"new"});
  EXPECT_EQ(call({"add", "taken"}), resp::value{1});
  EXPECT_EQ(directory->aliases()->find("taken")->script, "b.lua");
  EXPECT_EQ(log.size(), 1u);
  EXPECT_EQ(call({"add", "taken"}), resp::value{1});
  EXPECT_EQ(log.size(), 1u) << log[1]; // said once
  EXPECT_EQ(call({"remove", "x"}), resp::value{1});
  EXPECT_TRUE(call({"x"}).is_error());
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

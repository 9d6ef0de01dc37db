#include "actors/script.hpp"

#include "actors/broker.hpp"
#include "actors/librarian.hpp"
#include "resp/command_table.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_crew.hpp"

#include <algorithm>

namespace saker {
namespace {

using namespace std::chrono_literals;

/// Answers every command with the words of it.
/// The number is only there because CAF 0.17 binds a null reference for an
/// actor without arguments, which UBSan tells.
command_actor::behavior_type echoing(command_actor::pointer, int) {
  return {
    [](atom::call, const command_call& what) {
      std::string text;
      for (auto& x : what.what.args)
        text += x + ' ';
      return resp::value{text + what.from};
    },
  };
}

/// Answers every exec with its first word, but "/wait" never.
job_actor::behavior_type fake_job(job_actor::pointer self, int* running) {
  ++*running;
  self->attach_functor([running] { --*running; });
  return {
    [](atom::tell, const link::spawned&, const handed_fds&) {},
    [](atom::tell, const link::ended&) {},
    [](atom::tell, const link::left&) {},
    [](atom::tell, const link::orphan&) {},
    [self](atom::call,
           const lua::exec_spec& what) -> caf::result<lua::exec_result> {
      if (what.argv[0] == "/wait")
        return self->make_response_promise<lua::exec_result>();
      self->quit();
      if (what.argv[0] == "/nope")
        return to_error(fail(errc::spawn_failed, "exec /nope: ENOENT"));
      return lua::exec_result{0, 0, what.argv[0], ""};
    },
    [](atom::call, const job_order&) { return lua::exec_result{}; },
    [](atom::readable) {},
    [](atom::expire) {},
    [self](atom::finish) { self->quit(); },
  };
}

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

class script_test : public test::actor_test {
protected:
  script_test() {
    connections->settings = std::make_shared<session::settings>();
    connections->broker = spawn(broker, broker_links{nullptr, &figures});
    connections->roster = spawn(echoing, 0);
    connections->gateway = connections->roster;
    connections->figures = &figures;
    auto with = std::make_shared<script_links>();
    with->connections = connections;
    with->job = [this] { return sys.spawn(fake_job, &jobs_running); };
    with->log = [this](lua::log_level, const std::string& x) {
      log.push_back(x);
      if (x == "a.lua: hold the thread" && held)
        std::exchange(held, nullptr)();
    };
    with->now = [this] {
      if (std::exchange(threads_fail, false))
        throw std::runtime_error("no clock");
      return sys.clock().now();
    };
    with->threads = &threads;
    with->chores = &threads;
    with->emit = [this](const std::string& file, const std::string& name,
                        const std::string& json) {
      emitted.push_back(file + ' ' + name + ' ' + json);
      return std::string{"1-1"};
    };
    with->options.engine.offers = lua::profile::script;
    with->options.engine.memory = 8 << 20;
    with->options.engine.slice = 1'000;
    with->options.allowed = {40'000'000, 1s};
    links = with;
    librarian_links lib;
    lib.watch = false;
    lib.directory = directory;
    lib.spawn = [this](std::string file) {
      return sys.spawn(script, shared_script_links{links}, std::move(file));
    };
    lib.say = lib.warn = [this](const std::string& x) { log.push_back(x); };
    lib.read = [this](std::vector<std::string>&) {
      return std::vector<std::pair<std::string, std::string>>{files.begin(),
                                                              files.end()};
    };
    uut = spawn(librarian, std::move(lib));
    connections->librarian = caf::actor_cast<command_actor>(uut);
  }

  void TearDown() override {
    ask<bool>(uut, atom::finish_v);
    advance(10s);
    directory->replace(nullptr);
    connections->librarian = nullptr;
    actor_test::TearDown();
    while (threads.run_one())
      ; // nop
  }

  bool run_elsewhere() override {
    return threads.run_one();
  }

  resp::value command(std::vector<std::string> args) {
    command_call call;
    call.what.command = resp::find_command(args[0]);
    call.what.args = std::move(args);
    auto x = ask<resp::value>(uut, atom::call_v, std::move(call));
    return x ? *x : resp::value{resp::error{"no answer"}};
  }

  /// Calls an alias as a connection does: through the directory.
  resp::value call(std::vector<std::string> args) {
    auto table = directory->aliases();
    auto* alias = table ? table->find(args[0]) : nullptr;
    if (!alias)
      return resp::error{"no such alias"};
    command_call what;
    what.what.args = std::move(args);
    what.what.args[0] = alias->name; // as the session does
    what.what.protocol = resp::protocol::resp3;
    auto x = ask<resp::value>(directory->script(alias->script), atom::call_v,
                              std::move(what));
    return x ? *x : resp::value{resp::error{"no answer"}};
  }

  resp::value load(const std::string& file, const std::string& text) {
    files[file] = text;
    return command({"LOAD", file});
  }

  test::fake_crew threads; // outlives all that has work for it
  std::vector<std::string> emitted;
  node_figures figures;
  std::shared_ptr<connection_links> connections
    = std::make_shared<connection_links>();
  shared_script_links links;
  std::shared_ptr<command_directory> directory
    = std::make_shared<command_directory>();
  std::map<std::string, std::string> files;
  std::vector<std::string> log;
  bool threads_fail = false;
  int jobs_running = 0;
  std::function<void()> held; ///< runs when a script logs "hold the thread"
  librarian_actor uut;
};

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
        words{"s", "client", "reply", "on"}})
    EXPECT_NE(call(argv).text().find("belongs to a connection"),
              std::string_view::npos)
      << argv[1];
}

TEST_F(script_test, sleeps_without_holding_anybody_up) {
  load("a.lua", "saker.register('nap', function() saker.sleep(1000) "
                "return 'awake' end, PROP_PASSIVITY) "
                "saker.register('ok', function() return 1 end, "
                "PROP_PASSIVITY)");
  command_call what;
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

// -- calls that do not return ---------------------------------------------------

/// A script whose command "hold" is inside a call that does not return for as
/// long as `held` runs.
class stuck_test : public script_test {
protected:
  stuck_test() {
    load("a.lua",
         "saker.register('hold', function() "
         "saker.log('info', 'hold the thread') return 'held' end, "
         "PROP_PASSIVITY) saker.register('ok', function() return 1 end, "
         "PROP_PASSIVITY)");
    load("b.lua", "saker.register('b', function() return 'b' end, "
                  "PROP_PASSIVITY)");
    log.clear();
  }

  /// Calls an alias of a.lua; the answer is for `answer_of`.
  caf::message_id begin(const std::string& alias) {
    command_call what;
    what.what.args = {alias};
    return self
      ->request(directory->script("a.lua"), caf::infinite, atom::call_v,
                std::move(what))
      .id();
  }

  std::string answer_of(caf::message_id id) {
    auto x = answer<resp::value>(id);
    return x && *x ? std::string{(*x)->text()} : "";
  }

  /// Calls "hold" and does `what` in the midst of it.
  template <class F>
  void in_the_midst(F what) {
    auto entered = false;
    held = [&] {
      entered = true;
      what();
    };
    holder = begin("hold");
    settle();
    EXPECT_TRUE(entered);
  }

  caf::message_id holder;
};

TEST_F(stuck_test, answers_who_waits_at_twice_the_time) {
  in_the_midst([&] {
    auto later = begin("ok");
    advance(1999ms);
    EXPECT_EQ(answer_of(holder), "");
    EXPECT_EQ(threads.stuck, 0u);
    advance(1ms);
    for (auto id : {holder, later}) {
      auto text = answer_of(id);
      EXPECT_EQ(text.substr(0, 46),
                "BUSY a.lua is stuck: hold is inside a C functi");
      EXPECT_NE(text.find("(2s)"), std::string::npos) << text;
      EXPECT_NE(text.find("LOAD a.lua"), std::string::npos) << text;
    }
    EXPECT_EQ(threads.stuck, 1u);
    ASSERT_EQ(log.size(), 2u);
    EXPECT_EQ(log[1].substr(0, 14), "a.lua is stuck");
  });
}

TEST_F(stuck_test, answers_later_callers_at_once_and_serves_others) {
  in_the_midst([&] {
    advance(2s);
    advance(3s);
    auto text = std::string{call({"ok"}).text()};
    EXPECT_NE(text.find("BUSY a.lua is stuck"), std::string::npos) << text;
    EXPECT_NE(text.find("(5s)"), std::string::npos) << text;
    EXPECT_EQ(call({"b"}), resp::value{"b"});
    auto rows = command({"TASKS"});
    ASSERT_EQ(rows.items().size(), 3u);
    EXPECT_EQ(rows.items()[0].find("state")->text(), "idle");
    EXPECT_EQ(rows.items()[1].find("state")->text(), "stuck");
    EXPECT_EQ(rows.items()[2].find("alias")->text(), "ok");
    EXPECT_EQ(rows.items()[2].find("state")->text(), "stuck");
  });
}

TEST_F(stuck_test, starts_anew_when_the_call_returns) {
  in_the_midst([&] { advance(2s); });
  EXPECT_EQ(threads.stuck, 0u);
  EXPECT_TRUE(call({"ok"}).is_error());
  advance(1s);
  EXPECT_EQ(call({"ok"}), resp::value{1});
  // The next time it takes longer.
  in_the_midst([&] { advance(5s); });
  advance(1s);
  EXPECT_TRUE(call({"ok"}).is_error());
  advance(1s);
  EXPECT_EQ(call({"ok"}), resp::value{1});
}

TEST_F(stuck_test, a_call_that_returns_in_time_is_an_ordinary_one) {
  in_the_midst([&] { advance(1999ms); });
  EXPECT_EQ(answer_of(holder), "held");
  EXPECT_EQ(call({"ok"}), resp::value{1});
  EXPECT_EQ(threads.stuck, 0u);
}

TEST_F(stuck_test, a_loop_in_slices_is_not_stuck) {
  load("a.lua", "saker.register('spin', function() for i = 1, 6 do "
                "saker.log('info', 'hold the thread') "
                "for j = 1, 1e3 do end end return 'over' end, "
                "PROP_PASSIVITY)");
  std::function<void()> hold = [&] {
    advance(150ms);
    held = hold;
  };
  held = hold;
  EXPECT_EQ(call({"spin"}), resp::value{"over"});
  EXPECT_EQ(threads.stuck, 0u);
  held = nullptr;
}

TEST_F(stuck_test, one_late_look_proves_nothing) {
  // The whole process was stopped, not this call.
  in_the_midst([&] {
    coordinator().clock().advance_time(1h);
    settle();
    EXPECT_EQ(threads.stuck, 0u);
  });
  EXPECT_EQ(call({"ok"}), resp::value{1});
  in_the_midst([&] {
    coordinator().clock().advance_time(1h);
    settle();
    advance(1s);
    EXPECT_EQ(threads.stuck, 1u);
  });
}

TEST_F(stuck_test, load_starts_it_at_once) {
  in_the_midst([&] {
    advance(2s);
    EXPECT_EQ(command({"LOAD", "a"}), resp::ok());
    EXPECT_EQ(call({"ok"}), resp::value{1});
    EXPECT_EQ(threads.stuck, 1u);
  });
  EXPECT_EQ(threads.stuck, 0u);
  advance(60s);
  EXPECT_EQ(call({"ok"}), resp::value{1});
}

TEST_F(stuck_test, unload_does_not_wait_for_it) {
  in_the_midst([&] {
    advance(2s);
    EXPECT_EQ(command({"UNLOAD", "a"}), resp::ok());
    EXPECT_EQ(command({"TASKS"}).items().size(), 1u);
  });
  advance(60s);
  EXPECT_EQ(command({"TASKS"}).items().size(), 1u);
  EXPECT_EQ(threads.stuck, 0u);
}

TEST_F(stuck_test, is_watched_also_when_it_was_unloaded_before) {
  in_the_midst([&] {
    auto id
      = self
          ->request(caf::actor_cast<script_actor>(directory->script("a.lua")),
                    caf::infinite, atom::finish_v)
          .id();
    settle();
    advance(1s);
    EXPECT_NE(answer_of(holder).find("was unloaded"), std::string::npos);
    EXPECT_FALSE(answer<bool>(id));
    advance(1s);
    EXPECT_EQ(threads.stuck, 1u);
    EXPECT_TRUE(answer<bool>(id));
  });
  EXPECT_EQ(threads.stuck, 0u);
}

TEST_F(stuck_test, is_watched_also_when_it_was_told_to_go) {
  auto script = directory->script("a.lua");
  in_the_midst([&] {
    caf::anon_send_exit(script, caf::exit_reason::user_shutdown);
    advance(2s);
    EXPECT_EQ(threads.stuck, 1u);
    EXPECT_NE(answer_of(holder).find("BUSY"), std::string::npos);
  });
  EXPECT_EQ(threads.stuck, 0u);
}

TEST_F(stuck_test, one_that_was_told_to_go_goes_when_it_is_back) {
  auto script = directory->script("a.lua");
  in_the_midst([&] {
    caf::anon_send_exit(script, caf::exit_reason::user_shutdown);
    advance(1s);
    EXPECT_EQ(answer_of(holder), "");
  });
  EXPECT_NE(answer_of(holder).find("was unloaded"), std::string::npos);
  EXPECT_TRUE(call({"ok"}).is_error());
}

TEST_F(stuck_test, a_file_that_gets_stuck_is_not_loaded) {
  in_the_midst([&] {}); // the alias works
  held = [&] {
    advance(2s);
    EXPECT_EQ(threads.stuck, 1u);
    auto rows = command({"TASKS"});
    EXPECT_EQ(rows.items()[0].find("file")->text(), "b.lua");
  };
  auto reply = load("a.lua", "saker.log('info', 'hold the thread')");
  EXPECT_NE(reply.text().find("a.lua is stuck: a.lua is inside"),
            std::string::npos)
    << reply;
  EXPECT_EQ(threads.stuck, 0u);
  EXPECT_EQ(call({"ok"}), resp::value{1}); // what was before
}

TEST_F(stuck_test, too_many_leave_the_threads_to_the_others) {
  threads.spare = 1;
  in_the_midst([&] {
    advance(2s);
    EXPECT_EQ(threads.able(), 2u);
    auto reply = command({"LOAD", "a"});
    EXPECT_NE(reply.text().find("too many script threads are stuck"),
              std::string::npos)
      << reply;
    EXPECT_NE(reply.text().find("SHUTDOWN KEEP"), std::string::npos);
    EXPECT_EQ(call({"b"}), resp::value{"b"});
  });
  advance(1s);
  EXPECT_EQ(call({"ok"}), resp::value{1});
}

TEST_F(stuck_test, without_any_thread_callers_hear_why) {
  threads.spare = 0;
  threads.threads = 1;
  in_the_midst([&] {
    command_call what;
    what.what.args = {"b"};
    auto waits = self
                   ->request(directory->script("b.lua"), caf::infinite,
                             atom::call_v, what)
                   .id();
    advance(2s);
    EXPECT_EQ(threads.able(), 0u);
    advance(2s);
    auto text = answer_of(waits);
    EXPECT_NE(text.find("BUSY b.lua waits: all script threads are stuck"),
              std::string::npos)
      << text;
    EXPECT_EQ(call({"b"}).text().substr(0, 11), "BUSY b.lua ");
  });
  EXPECT_EQ(call({"b"}), resp::value{"b"});
}

TEST_F(stuck_test, its_children_and_calls_are_forgotten) {
  load("a.lua", "saker.register('e', function() "
                "saker.exec({'/wait'}) end, PROP_PASSIVITY) "
                "saker.register('hold', function() "
                "saker.log('info', 'hold the thread') end, PROP_PASSIVITY)");
  auto child = begin("e");
  settle();
  EXPECT_EQ(jobs_running, 1);
  in_the_midst([&] {
    advance(2s);
    EXPECT_EQ(jobs_running, 0);
    EXPECT_NE(answer_of(child).find("BUSY"), std::string::npos);
  });
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

// -- subscriptions, events, chores -----------------------------------------------

TEST_F(script_test, hears_the_channels_and_patterns_it_subscribed_to) {
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

TEST_F(script_test, hears_nothing_any_more_when_it_has_ended) {
  load("a.lua", "saker.subscribe('news', print)");
  EXPECT_EQ(figures.channels.get(), 1);
  command({"UNLOAD", "a.lua"});
  advance(2s);
  EXPECT_EQ(figures.channels.get(), 0);
}

TEST_F(script_test, q4_messages_that_it_cannot_take_are_counted) {
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

TEST_F(script_test, an_event_goes_out_under_the_name_of_its_file) {
  load("a.lua", "saker.register('e', function() return saker.event('saved', "
                "{n = 1}) end, PROP_PASSIVITY)");
  EXPECT_EQ(call({"e"}), resp::value{"1-1"});
  EXPECT_EQ(emitted, std::vector<std::string>{R"(a.lua saved {"n":1})"});
}

TEST_F(script_test, what_may_block_is_done_by_other_threads) {
  load("a.lua", "saker.register('ls', function(a) return saker.ls(a[1]) end, "
                "PROP_PASSIVITY)");
  auto names = call({"ls", "/proc/self/task"});
  EXPECT_FALSE(names.items().empty()) << names;
  EXPECT_TRUE(call({"ls", "/nowhere"}).is_error());
}

TEST_F(script_test, t_c18_a_chore_that_hangs_is_given_up) {
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

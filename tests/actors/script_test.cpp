#include "actors/script.hpp"

#include "actors/broker.hpp"
#include "actors/librarian.hpp"
#include "resp/command_table.hpp"
#include "tests/support/actor_test.hpp"

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

/// Answers every exec with its first word.
job_actor::behavior_type fake_job(job_actor::pointer self, int) {
  return {
    [](atom::tell, const link::spawned&, const handed_fds&) {},
    [](atom::tell, const link::ended&) {},
    [](atom::tell, const link::orphan&) {},
    [self](atom::call,
           const lua::exec_spec& what) -> caf::result<lua::exec_result> {
      self->quit();
      if (what.argv[0] == "/nope")
        return to_error(fail(errc::spawn_failed, "exec /nope: ENOENT"));
      return lua::exec_result{0, 0, what.argv[0], ""};
    },
    [](atom::readable) {},
    [](atom::expire) {},
    [](atom::finish) {},
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
    with->job = [this] { return sys.spawn(fake_job, 0); };
    with->log = [this](lua::log_level, const std::string& x) {
      log.push_back(x);
    };
    with->options.engine.offers = lua::profile::script;
    with->options.engine.memory = 8 << 20;
    with->options.engine.slice = 1'000;
    with->options.allowed = {2'000'000, 0s};
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

  node_figures figures;
  std::shared_ptr<connection_links> connections
    = std::make_shared<connection_links>();
  shared_script_links links;
  std::shared_ptr<command_directory> directory
    = std::make_shared<command_directory>();
  std::map<std::string, std::string> files;
  std::vector<std::string> log;
  librarian_actor uut;
};

TEST_F(script_test, gives_every_client_the_commands_of_a_loaded_file) {
  EXPECT_EQ(load("a.lua", "saker.register('hi', function(args) "
                          "return 'hello ' .. args[1] end, PROP_PASSIVITY)"),
            resp::ok());
  EXPECT_EQ(call({"hi", "bob"}), resp::value{"hello bob"});
  EXPECT_EQ(call({"HI", "amy"}), resp::value{"hello amy"});
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

TEST_F(script_test, refuses_an_alias_that_is_taken) {
  load("a.lua", "saker.register('x', function() return 'a' end, "
                "PROP_PASSIVITY)");
  auto second = load("b.lua", "saker.register('x', function() return 'b' end, "
                              "PROP_PASSIVITY)");
  EXPECT_NE(second.text().find("a.lua"), std::string::npos) << second;
  auto builtin = load("c.lua", "saker.register('ping', function() end, "
                               "PROP_PASSIVITY)");
  EXPECT_NE(builtin.text().find("built-in"), std::string::npos) << builtin;
  EXPECT_EQ(call({"x"}), resp::value{"a"});
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

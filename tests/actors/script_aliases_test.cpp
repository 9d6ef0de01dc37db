#include "tests/support/script_fixture.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace saker {
namespace {

using namespace std::chrono_literals;

using script_test = test::script_fixture;

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

TEST_F(script_test, forgets_the_commands_of_an_unloaded_file) {
  load("a.lua", "saker.register('x', function() return 1 end, "
                "PROP_PASSIVITY)");
  EXPECT_EQ(command({"UNLOAD", "x"}), resp::ok());
  EXPECT_TRUE(call({"x"}).is_error());
  EXPECT_TRUE(command({"UNLOAD", "x"}).is_error());
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

} // namespace
} // namespace saker

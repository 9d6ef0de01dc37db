#include "lua/state.hpp"

#include "lua/guarded.hpp"
#include "lua/reference.hpp"
#include "lua/stack_guard.hpp"

#include <gtest/gtest.h>
#include <lua.hpp>

#include <stdexcept>

namespace saker::lua {
namespace {

constexpr budget plenty{10'000'000, {}};

class state_test : public testing::Test {
protected:
  result<void> run(std::string_view text, budget allowed = plenty) {
    auto before = lua_gettop(uut.get());
    auto out = uut.run("a.lua", text, allowed);
    EXPECT_EQ(lua_gettop(uut.get()), before) << "the stack is not balanced";
    return out;
  }

  failure why(std::string_view text, budget allowed = plenty) {
    auto out = run(text, allowed);
    EXPECT_FALSE(out) << text;
    return out ? failure{} : out.error();
  }

  state uut{small()};

  static state_options small() {
    state_options out;
    out.memory = 4u << 20;
    return out;
  }
};

TEST_F(state_test, runs_text_and_names_the_line_of_an_error) {
  EXPECT_TRUE(run("x = 1 + 1"));
  EXPECT_EQ(why("\nerror('bad')"), fail(errc::script_error, "a.lua:2: bad"));
  EXPECT_EQ(why("x = = 1"),
            fail(errc::syntax, "a.lua:1: unexpected symbol near '='"));
}

TEST_F(state_test, shows_error_values_that_are_no_text) {
  EXPECT_EQ(why("error(7)").detail, "a.lua:1: 7");
  EXPECT_EQ(why("error(7, 0)").detail, "7");
  EXPECT_EQ(why("error()").detail, "nil");
  EXPECT_EQ(why("error({})").detail, "(error object is a table value)");
  EXPECT_EQ(why("error({err = 'ERR x'})").detail, "ERR x");
}

TEST_F(state_test, refuses_bytecode) {
  EXPECT_EQ(why("\x1bLua").code, errc::syntax);
}

TEST_F(state_test, ends_what_runs_beyond_its_budget) {
  EXPECT_EQ(why("while true do end", {100'000, {}}),
            fail(errc::busy, "ran for 100000 instructions without a pause"));
  EXPECT_TRUE(run("for i = 1, 1000 do end", {100'000, {}}));
}

TEST_F(state_test, measures_time_if_it_has_a_clock) {
  auto now = time_point{};
  auto options = small();
  options.now = [&] { return now += std::chrono::milliseconds{1}; };
  state timed{options};
  auto out = timed.run("a.lua", "while true do end",
                       {0, std::chrono::milliseconds{30}});
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error(), fail(errc::busy, "ran for 30ms without a pause"));
  EXPECT_LT(now - time_point{}, std::chrono::milliseconds{40});
}

TEST_F(state_test, ends_what_needs_too_much_memory) {
  auto hog = "local t = {} for i = 1, 1e6 do t[i] = {} end";
  EXPECT_EQ(why(hog),
            fail(errc::out_of_memory, "needs more than 4mb of memory"));
  EXPECT_EQ(why("pcall(function() " + std::string{hog} + " end)").code,
            errc::out_of_memory);
  EXPECT_TRUE(run("y = {}"));
}

TEST_F(state_test, the_host_does_not_meet_the_ceiling) {
  EXPECT_FALSE(run("t = {} while true do t[#t + 1] = {} end"));
  auto big = std::string(8u << 20, 'x');
  lua_pushlstring(uut.get(), big.data(), big.size());
  lua_pop(uut.get(), 1);
  lua_pushnil(uut.get());
  lua_setglobal(uut.get(), "t");
  uut.collect();
  EXPECT_TRUE(run("x = ('x'):rep(1000)"));
}

TEST_F(state_test, gives_all_its_memory_back) {
  EXPECT_EQ(why("('a'):rep(300):find('.-.-.-.-b')").code, errc::busy);
  EXPECT_FALSE(run("t = {} while true do t[#t + 1] = {} end"));
  EXPECT_GT(uut.used(), 0u);
  EXPECT_EQ(uut.close(), 0u);
}

TEST_F(state_test, an_unprotected_error_is_an_exception) {
  lua_pushliteral(uut.get(), "nobody catches this");
  try {
    lua_error(uut.get());
    FAIL() << "it returned";
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "unprotected Lua error: nobody catches this");
  }
}

TEST_F(state_test, the_sandbox_has_nothing_that_reaches_out) {
  for (auto name : {"load", "loadstring", "loadfile", "dofile", "require",
                    "module", "os", "io", "debug", "package", "coroutine"})
    EXPECT_TRUE(run("assert(" + std::string{name} + " == nil)")) << name;
  EXPECT_TRUE(run("assert(string.dump == nil)"));
}

TEST_F(state_test, strings_share_a_metatable_that_nobody_can_change) {
  EXPECT_TRUE(run("assert(getmetatable('') == 'locked')"));
  EXPECT_TRUE(run("assert(('x'):upper() == 'X')"));
  EXPECT_FALSE(run("setmetatable('', {})"));
}

TEST_F(state_test, tables_have_no_finalizers) {
  EXPECT_EQ(why("setmetatable({}, {__gc = function() end})").code,
            errc::script_error);
  EXPECT_TRUE(run("setmetatable({}, {__index = {}})"));
  EXPECT_FALSE(run("setmetatable(setmetatable({}, {__metatable = 1}), {})"));
}

TEST_F(state_test, each_state_has_its_own_random_numbers) {
  state other{small()};
  auto roll = "math.randomseed(5) a, b = math.random(), math.random(1, 6)";
  ASSERT_TRUE(run(roll));
  ASSERT_TRUE(other.run("a.lua", "math.randomseed(9) math.random()", plenty));
  ASSERT_TRUE(run("local x, y = a, b " + std::string{roll}
                  + " assert(a == x and b == y)"));
  ASSERT_TRUE(run("for i = 1, 1000 do local x = math.random(3, 5) "
                  "assert(x >= 3 and x <= 5 and x % 1 == 0) end"));
  ASSERT_TRUE(run("for i = 1, 1000 do local x = math.random() "
                  "assert(x >= 0 and x < 1) end"));
  EXPECT_EQ(why("math.random(2, 1)").code, errc::script_error);
}

TEST_F(state_test, collectgarbage_only_counts_and_steps) {
  EXPECT_TRUE(run("assert(collectgarbage('count') > 1)"));
  EXPECT_TRUE(run("collectgarbage('step') collectgarbage()"));
  EXPECT_FALSE(run("collectgarbage('stop')"));
}

int twice(lua_State* L) {
  lua_pushnumber(L, 2 * luaL_checknumber(L, 1));
  return 1;
}

int throw_out_of_range(lua_State*) {
  std::string{}.at(1);
  return 0;
}

struct counter {
  int calls = 0;
};

int count_call(lua_State* L) {
  ++owner_of<counter>(L).calls;
  return 0;
}

TEST_F(state_test, calls_registered_functions_which_find_their_owner) {
  counter owner;
  uut.set_owner(&owner);
  uut.set_function("twice", guarded<twice>);
  uut.set_function("count", guarded<count_call>);
  EXPECT_TRUE(run("count() count() assert(twice(21) == 42)"));
  EXPECT_EQ(owner.calls, 2);
}

TEST_F(state_test, an_exception_becomes_an_error_that_scripts_can_catch) {
  uut.set_function("fail", guarded<throw_out_of_range>);
  EXPECT_TRUE(run("local ok, e = pcall(fail) assert(not ok and "
                  "e:find('basic_string::at'))"));
  auto out = why("\nfail()");
  EXPECT_EQ(out.code, errc::script_error);
  EXPECT_EQ(out.detail.substr(0, 8), "a.lua:2:");
}

/// The pace that is kept when this text has run.
int pace_after(std::string_view text, state_options options = {}) {
  state uut{options};
  EXPECT_TRUE(uut.run("a.lua", text, {}));
  EXPECT_TRUE(uut.run("a.lua", "local x = 1", {}));
  return uut.shared().pace;
}

TEST_F(state_test, looks_closer_while_large_values_exist) {
  state_options options;
  EXPECT_EQ(pace_after("x = ('a'):rep(1e4)"), options.slice);
  // One instruction on each of these may do a million steps.
  for (auto text : {"x = ('a'):rep(1e7)",
                    "x = {} for i = 1, 2^19 do x[i] = i end "
                    "for i = 1, 2^19 do x[i] = nil end",
                    "x = {} for i = 1, 2^18 do x['a' .. i] = i end"})
    EXPECT_LT(pace_after(text), options.slice / 50) << text;
  options.memory = 256u << 20;
  EXPECT_GE(pace_after("x = ('a'):rep(1.6e7) x = x .. x x = x .. x", options),
            4);
  EXPECT_EQ(pace_after("x = ('a'):rep(1e7) x = nil collectgarbage()"),
            options.slice);
  options.slice = 2;
  EXPECT_EQ(pace_after("x = ('a'):rep(1e7)", options), 2);
}

TEST_F(state_test, looks_closer_while_instructions_are_slow) {
  auto clock = time_point{std::chrono::hours{1}};
  auto slow = std::chrono::nanoseconds{0};
  state_options options;
  options.now = [&] { return clock += slow; };
  state other{options};
  auto pace = [&] {
    EXPECT_TRUE(other.run("a.lua", "for i = 1, 1e5 do end", {}));
    return other.shared().pace;
  };
  EXPECT_EQ(pace(), options.slice);
  slow = std::chrono::milliseconds{10};
  EXPECT_EQ(pace(), 4);
  slow = std::chrono::milliseconds{1};
  EXPECT_EQ(pace(), options.slice);
}

TEST_F(state_test, the_search_for_memory_counts_as_work) {
  // Close to the ceiling all garbage is collected again and again.
  state_options options;
  options.memory = 4u << 20;
  state other{options};
  ASSERT_TRUE(
    other.run("a.lua", "x = {} for i = 1, 47000 do x[i] = {} end", {}));
  auto out = other.run("a.lua",
                       "for i = 1, 1e5 do local t = {{}, {}, {}, {}} end",
                       {5'000'000, {}});
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, errc::busy);
}

TEST_F(state_test, assert_says_where_once) {
  EXPECT_EQ(why("\nassert(false, 'no')").detail, "a.lua:2: no");
  EXPECT_EQ(why("\nassert(nil, 'a.lua:2: no')").detail, "a.lua:2: no");
  EXPECT_EQ(why("\nassert(nil)").detail, "a.lua:2: assertion failed!");
  EXPECT_EQ(why("\nassert()").detail.substr(0, 16), "a.lua:2: bad arg");
  EXPECT_EQ(why("\nassert(false, {err = 'MINE no'})").detail, "MINE no");
  EXPECT_TRUE(run("assert(select('#', assert(1, 2, 3)) == 3)"));
}

/// A protected call as a compiled module may make one: it knows nothing of us.
int foreign_pcall(lua_State* L) {
  lua_pcall(L, lua_gettop(L) - 1, 0, 0);
  lua_settop(L, 0);
  return 0;
}

TEST_F(state_test, a_compiled_module_cannot_keep_a_run_alive) {
  uut.set_function("foreign", foreign_pcall);
  EXPECT_EQ(why("foreign(string.find, ('a'):rep(300), '.-.-.-.-b') x = 1").code,
            errc::busy);
  EXPECT_EQ(why("foreign(function() while true do end end) x = 1").code,
            errc::busy);
  EXPECT_TRUE(run("foreign(error) assert(x == nil)"));
}

TEST_F(state_test, a_guard_restores_the_stack_and_keeps_error_messages) {
  auto L = uut.get();
  {
    stack_guard guard{L};
    lua_pushnil(L);
    lua_pushnil(L);
  }
  EXPECT_EQ(lua_gettop(L), 0);
  uut.set_function("raise", [](lua_State* K) {
    stack_guard guard{K};
    lua_pushliteral(K, "below");
    return luaL_error(K, "the message");
  });
  EXPECT_EQ(why("raise('argument')").detail, "a.lua:1: the message");
}

TEST_F(state_test, a_reference_keeps_a_value_until_it_dies) {
  auto L = uut.get();
  ASSERT_TRUE(run("t = setmetatable({}, {__mode = 'v'})"));
  {
    lua_getglobal(L, "t");
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "it");
    reference it{L};
    lua_pop(L, 1);
    uut.collect();
    EXPECT_TRUE(run("assert(t.it)"));
    auto moved = std::move(it);
    EXPECT_FALSE(it);
    moved.push(L);
    EXPECT_TRUE(lua_istable(L, -1));
    lua_pop(L, 1);
  }
  uut.collect();
  EXPECT_TRUE(run("assert(not t.it)"));
}

TEST_F(state_test, passes_arguments_and_results) {
  auto L = uut.get();
  ASSERT_TRUE(run("function add(a, b) return a + b, 'x' end"));
  lua_getglobal(L, "add");
  lua_pushnumber(L, 3);
  lua_pushnumber(L, 4);
  ASSERT_TRUE(uut.call(2, 2, plenty));
  EXPECT_EQ(lua_tonumber(L, -2), 7);
  EXPECT_STREQ(lua_tostring(L, -1), "x");
  lua_pop(L, 2);
  EXPECT_EQ(lua_gettop(L), 0);
}

TEST_F(state_test, a_hundred_thousand_calls_leave_nothing_behind) {
  auto L = uut.get();
  ASSERT_TRUE(run("function f(x) if x % 3 == 0 then error('no') end "
                  "return {x} end"));
  auto once = [&](int x) {
    lua_getglobal(L, "f");
    lua_pushinteger(L, x);
    if (uut.call(1, 1, plenty))
      lua_pop(L, 1);
  };
  for (int i = 0; i < 1000; ++i)
    once(i);
  uut.collect();
  auto before = uut.used();
  for (int i = 0; i < 100'000; ++i)
    once(i);
  uut.collect();
  EXPECT_EQ(lua_gettop(L), 0);
  EXPECT_LE(uut.used(), before + 1024);
}

} // namespace
} // namespace saker::lua

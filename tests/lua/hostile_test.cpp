#include "tests/lua/support/script_test.hpp"

namespace saker::lua {
namespace {

struct hostile {
  const char* name;
  errc end;
  const char* text;
};

/// Every one must end by itself, and must not notice it.
constexpr hostile hostile_scripts[] = {
  {"endless_loop", errc::busy, "while true do end"},
  {"loop_in_pcall", errc::busy,
   "while true do pcall(function() while true do end end) end"},
  {"errors_in_pcall", errc::busy, "while true do pcall(error) end"},
  {"pcall_of_pcall", errc::busy,
   "local function f() return pcall(f) end while true do f() end"},
  {"comparator", errc::busy,
   "table.sort({3, 1, 2}, function() while true do end end)"},
  {"comparator_in_pcall", errc::busy,
   "while true do pcall(table.sort, {3, 1, 2}, function() while true do end "
   "end) end"},
  {"gsub_function", errc::busy,
   "string.gsub('abc', '.', function() while true do end end)"},
  {"gsub_table", errc::busy,
   "string.gsub('abc', '.', setmetatable({}, {__index = function() "
   "while true do end end}))"},
  {"reader_of_load", errc::busy,
   "while true do load(function() while true do end end) end"},
  {"endless_source", errc::script_error,
   "assert(load(function() return (' '):rep(65536) end))"},
  {"tostring", errc::busy,
   "tostring(setmetatable({}, {__tostring = function() while true do end "
   "end}))"},
  {"format", errc::busy,
   "string.format('%s', setmetatable({}, {__tostring = function() "
   "while true do end end}))"},
  {"print", errc::busy,
   "print(setmetatable({}, {__tostring = function() while true do end end}))"},
  {"log", errc::busy,
   "saker.log('info', setmetatable({}, {__tostring = function() "
   "while true do end end}))"},
  {"pairs", errc::busy,
   "pairs(setmetatable({}, {__pairs = function() while true do end end}))"},
  {"length", errc::busy,
   "table.concat(setmetatable({}, {__len = function() while true do end "
   "end}))"},
  {"error_handler", errc::busy,
   "xpcall(error, function() while true do end end)"},
  {"handler_of_a_loop", errc::busy,
   "xpcall(function() while true do end end, function() while true do end "
   "end)"},
  {"handler_below_a_comparator", errc::busy,
   "table.sort({2, 1}, function() xpcall(function() while true do end end, "
   "function() while true do end end) end)"},
  {"error_in_error_handler", errc::script_error,
   "assert(xpcall(error, function() error('again') end))"},
  {"coroutine", errc::busy,
   "coroutine.wrap(function() while true do end end)()"},
  {"nested_coroutines", errc::busy,
   "local function f(n) if n == 0 then while true do end end "
   "coroutine.wrap(f)(n - 1) end f(20)"},
  {"pcall_in_nested_coroutines", errc::busy,
   "local function f(n) while true do if n == 0 then while true do end end "
   "pcall(coroutine.wrap(f), n - 1) end end f(20)"},
  {"coroutine_below_a_comparator", errc::busy,
   "table.sort({3, 1, 2}, function() coroutine.wrap(function() "
   "while true do end end)() end)"},
  {"resume_below_a_comparator", errc::busy,
   "table.sort({3, 1, 2}, function() while true do coroutine.resume("
   "coroutine.create(function() while true do end end)) end end)"},
  {"many_coroutines", errc::busy,
   "while true do coroutine.wrap(function() end)() end"},
  {"coroutines_that_yield", errc::busy,
   "local f = coroutine.wrap(function() while true do coroutine.yield() end "
   "end) while true do f() end"},
  {"metamethod", errc::busy,
   "local t = setmetatable({}, {__index = function() while true do end end}) "
   "return t.x"},
  {"index_chain", errc::script_error,
   "local t = {} setmetatable(t, {__index = t}) t = setmetatable({}, "
   "{__index = function(s, k) return s[k] end}) return t.x"},
  {"iterator", errc::busy, "for _ in function() return 1 end do end"},
  {"module", errc::busy,
   "package.preload.x = function() while true do end end require 'x'"},
  {"goto", errc::busy, "::again:: goto again"},
  {"tail_calls", errc::busy, "local function f() return f() end f()"},
  {"recursion", errc::out_of_memory,
   "local function f() return 1 + f() end f()"},
  {"recursion_through_gsub", errc::script_error,
   "local function f() return ('x'):gsub('.', f) end f()"},
  {"recursion_through_tostring", errc::script_error,
   "local t = {} setmetatable(t, {__tostring = tostring}) tostring(t)"},
  {"recursion_through_format", errc::script_error,
   "local t = {} setmetatable(t, {__tostring = function(x) return "
   "string.format('%s', x) end}) tostring(t)"},
  {"recursion_through_wrap", errc::script_error,
   "local function f() return coroutine.wrap(f)() end f()"},
  {"nested_source", errc::script_error,
   "assert(load('return ' .. ('('):rep(500) .. '1' .. (')'):rep(500)))"},
  {"memory", errc::out_of_memory,
   "local n, t = 0, {} while true do n = n + 1 t[n] = {n, n} end"},
  {"memory_in_pcall", errc::out_of_memory,
   "while true do pcall(function() local n, t = 0, {} while true do "
   "n = n + 1 t[n] = {n, n} end end) end"},
  {"memory_in_a_coroutine", errc::out_of_memory,
   "while true do coroutine.resume(coroutine.create(function() "
   "local n, t = 0, {} while true do n = n + 1 t[n] = {n, n} end end)) end"},
  {"memory_below_a_comparator", errc::out_of_memory,
   "table.sort({3, 2, 1}, function() local n, t = 0, {} while true do "
   "n = n + 1 t[n] = {n, n} end end)"},
  {"doubled_string", errc::out_of_memory,
   "local s = 'x' while true do s = s .. s end"},
  {"gsub_bomb", errc::out_of_memory,
   "return ('x'):rep(4096):gsub('.', ('y'):rep(65536))"},
  {"concat_bomb", errc::out_of_memory,
   "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(65536) end "
   "return table.concat(t)"},
  {"rep_bomb", errc::script_error, "return ('x'):rep(1e9)"},
  {"rep_of_nothing", errc::script_error, "return (''):rep(2^31 - 1)"},
  {"rep_of_a_separator", errc::script_error, "return (''):rep(1e9, 'xy')"},
  {"unpack_bomb", errc::script_error, "return table.unpack({}, 1, 1e8)"},
  {"sort_bomb", errc::script_error,
   "local t = {} for i = 1, 2e5 do t[i] = true end table.sort(t)"},
  {"find_bomb", errc::busy,
   "return ('a'):rep(26):find(('a?'):rep(26) .. ('a'):rep(26))"},
  {"lazy_find_bomb", errc::busy, "return ('a'):rep(300):find('.-.-.-.-b')"},
  {"greedy_match_bomb", errc::busy,
   "return ('a'):rep(150):match('.*.*.*.*.*b')"},
  {"quadratic_find", errc::busy, "return ('a'):rep(400000):find('.-b')"},
  {"gsub_pattern_bomb", errc::busy, "return ('a'):rep(30000):gsub('a-b', '')"},
  {"gmatch_bomb", errc::busy,
   "for _ in ('a'):rep(300):gmatch('.-.-.-.-b') do end"},
  {"balance_bomb", errc::busy, "return ('('):rep(300000):find('%b()')"},
  {"back_reference_bomb", errc::busy,
   "return ('a'):rep(20000):find('(.-)%1b')"},
  {"pattern_bomb_in_pcall", errc::busy,
   "while true do pcall(string.find, ('a'):rep(300), '.-.-.-.-b') end"},
  {"pattern_bomb_in_a_coroutine", errc::busy,
   "while true do coroutine.resume(coroutine.create(string.find), "
   "('a'):rep(300), '.-.-.-.-b') end"},
  {"deep_pattern", errc::script_error,
   "return ('a'):rep(300):find(('a?'):rep(300))"},
  {"large_strings", errc::busy,
   "local s = ('x'):rep(1e6) while true do s = s:upper() end"},
  {"large_concatenations", errc::busy,
   "local s = ('x'):rep(1e6) while true do local t = s .. s end"},
  {"large_loads", errc::busy,
   "local s = ('local x = 1 '):rep(1e4) while true do load(s) end"},
  {"large_sorts", errc::busy,
   "local t = {} for i = 1, 5e4 do t[i] = i end while true do "
   "table.sort(t) end"},
  {"inserts_in_front", errc::busy,
   "local t = {} while true do table.insert(t, 1, 1) end"},
  {"collections", errc::busy, "while true do collectgarbage() end"},
  {"finalizer", errc::script_error,
   "setmetatable({}, {__gc = function() while true do end end})"},
  {"error_object", errc::script_error,
   "error(setmetatable({}, {__tostring = function() while true do end end}))"},
  {"yield_to_nobody", errc::script_error, "coroutine.yield(1)"},
  {"error_without_value", errc::script_error, "error()"},
  {"cyclic_reply", errc::script_error, "local t = {} t[1] = t return t"},
  {"doubling_reply", errc::script_error,
   "local t = {} for i = 1, 31 do t = {t, t} end return t"},
  {"reply_of_repeated_strings", errc::script_error,
   "local s, t = ('x'):rep(1e6), {} for i = 1, 1000 do t[i] = s end "
   "return t"},
};

std::string name_of(const testing::TestParamInfo<hostile>& info) {
  return info.param.name;
}

class hostile_test : public test::script_test,
                     public testing::WithParamInterface<hostile> {
protected:
  hostile_test() {
    // Counts work instead of time, that of C functions too.
    auto patience = GetParam().end == errc::busy ? 300'000u : 50'000'000u;
    options.allowed = {patience, {}};
    options.engine.memory = 64u << 20;
    options.reply.values = 10'000;
  }

  void endure() {
    define(GetParam().text);
    auto first = call();
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code, GetParam().end) << first.error().detail;
    // The state is as good as before, and so are its other commands.
    define("return coroutine.wrap(function() return #args + "
           "select(2, ('aa'):gsub('a', {})) end)()");
    auto second = call({"x", "y", "z"});
    ASSERT_TRUE(second) << second.error().detail;
    EXPECT_EQ(*second, resp::value{5});
    EXPECT_FALSE(exhausted);
  }
};

TEST_P(hostile_test, ends_and_leaves_the_state_usable) {
  endure();
}

TEST_P(hostile_test, ends_also_in_short_slices) {
  options.engine.slice = 100;
  endure();
}

INSTANTIATE_TEST_SUITE_P(scripts, hostile_test,
                         testing::ValuesIn(hostile_scripts), name_of);

} // namespace
} // namespace saker::lua

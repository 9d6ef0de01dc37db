#include "tests/lua/support/script_test.hpp"

namespace saker::lua {
namespace {

struct ordinary {
  const char* name;
  const char* result;
  const char* text;
};

/// What these compute must not depend on where they are paused.
constexpr ordinary ordinary_scripts[] = {
  {"arithmetic", "5050",
   "local n = 0 for i = 1, 100 do n = n + i end return tostring(n)"},
  {"closures_and_varargs", "3a6",
   "local function f(...) local a, b = ... return select('#', ...) .. a .. b "
   "end return f('a', 6, nil)"},
  {"pcall_results", "true1nil3",
   "local ok, a, b, c = pcall(function(...) return ... end, 1, nil, 3) "
   "return tostring(ok) .. a .. tostring(b) .. c"},
  {"pcall_catches", "falseboom",
   "local ok, e = pcall(error, 'boom') return tostring(ok) .. e"},
  {"pcall_error_after_sleep", "false7",
   "local ok, e = pcall(function() saker.sleep(10) error('7', 0) end) "
   "return tostring(ok) .. e"},
  {"nested_pcall", "falseinner", // the outer one passes it on
   "local ok, e = pcall(function() local _, x = pcall(error, 'inner') "
   "error(x, 0) end) return tostring(ok) .. e"},
  {"xpcall_handler", "false<why>",
   "local ok, e = xpcall(function() local n = 0 for i = 1, 50 do n = n + i end "
   "error('why', 0) end, function(m) return '<' .. m .. '>' end) "
   "return tostring(ok) .. e"},
  {"xpcall_with_sleep", "true12",
   "local ok, a, b = xpcall(function(x, y) saker.sleep(1) return x, y end, "
   "print, 1, 2) return tostring(ok) .. a .. b"},
  {"generator", "1,4,9,16,",
   "local out = '' for x in coroutine.wrap(function() for i = 1, 4 do "
   "coroutine.yield(i * i) end end) do out = out .. x .. ',' end return out"},
  {"resume_and_yield_values", "true:a|true:b|true:done|false:dead",
   "local co = coroutine.create(function(x) local y = coroutine.yield(x) "
   "coroutine.yield(y) return 'done' end) "
   "local out = {} for _, v in ipairs{'a', 'b', 'c', 'd'} do "
   "local ok, x = coroutine.resume(co, v) "
   "out[#out + 1] = tostring(ok) .. ':' .. (x:match('dead') or x) end "
   "return table.concat(out, '|')"},
  {"sleep_inside_a_generator", "1.2.3.",
   "local out = '' for x in coroutine.wrap(function() for i = 1, 3 do "
   "saker.sleep(5) coroutine.yield(i) end end) do out = out .. x .. '.' end "
   "return out"},
  {"sleep_in_nested_coroutines", "x3",
   "local function f(n) if n == 0 then saker.sleep(5) return 'x' end "
   "return coroutine.wrap(f)(n - 1) end return f(10) .. 3"},
  {"error_through_wrap", "false:inner",
   "local ok, e = pcall(coroutine.wrap(function() saker.sleep(1) "
   "error('inner') end)) return tostring(ok) .. ':' .. e:match('inner')"},
  {"two_generators", "a1b2c3",
   "local function gen(s) return coroutine.wrap(function() "
   "for c in s:gmatch('.') do saker.sleep(1) coroutine.yield(c) end end) end "
   "local a, b, out = gen('abc'), gen('123'), '' "
   "for i = 1, 3 do out = out .. a() .. b() end return out"},
  {"sort_with_comparator", "9,7,5,3,1",
   "local t = {3, 9, 1, 7, 5} table.sort(t, function(a, b) return a > b end) "
   "return table.concat(t, ',')"},
  {"coroutine_below_sort", "1234",
   "local t = {4, 2, 3, 1} table.sort(t, function(a, b) "
   "local f = coroutine.wrap(function() coroutine.yield(a < b) end) "
   "return f() end) return table.concat(t)"},
  {"metamethods", "12:3:x:true:ab",
   "local mt = {} mt.__add = function(a, b) return a.v + b.v end "
   "mt.__len = function() return 3 end mt.__index = function(_, k) return k "
   "end "
   "mt.__eq = function() saker.sleep(1) return true end "
   "mt.__concat = function() return 'ab' end mt.__call = function(_, x) "
   "saker.sleep(2) return x end "
   "local a, b = setmetatable({v = 5}, mt), setmetatable({v = 7}, mt) "
   "return a(a + b) .. ':' .. #a .. ':' .. a.x .. ':' .. tostring(a == b) "
   ".. ':' .. (a .. b)"},
  {"sleeping_iterator", "123",
   "local function iter(_, i) saker.sleep(1) if i < 3 then return i + 1 end "
   "end "
   "local out = '' for i in iter, nil, 0 do out = out .. i end return out"},
  {"gsub_function", "A-B-c", // counts the calls
   "local n = 0 local s = ('a-b-c'):gsub('%a', function(c) n = n + 1 "
   "if n < 3 then return c:upper() end end) return s"},
  {"format_and_tostring", "<t>1.5|  x",
   "local t = setmetatable({}, {__tostring = function() return '<t>' end}) "
   "return tostring(t) .. string.format('%.1f|%3s', 1.5, 'x')"},
  {"load_with_reader_and_environment", "12",
   "local parts = {'return a ', '+ ', 'b'} local i = 0 "
   "local f = load(function() i = i + 1 return parts[i] end, 'x', 't', "
   "{a = 5, b = 7}) return tostring(f())"},
  {"pairs_metamethod", "k=v;",
   "local t = setmetatable({}, {__pairs = function() return next, {k = 'v'}, "
   "nil end}) local out = '' for k, v in pairs(t) do out = out .. k .. '=' .. "
   "v .. ';' end return out"},
  {"require_a_module", "module42",
   "package.preload.m = function(name) local t = {} for i = 1, 42 do t[i] = i "
   "end return {n = #t} end return 'module' .. require('m').n"},
  {"status_and_running", "running:true:normal:suspended:dead",
   "local main, is_main = coroutine.running() local outer = coroutine.create("
   "function() local me = coroutine.running() local inner = coroutine.wrap("
   "function() return coroutine.status(me) end) local s = inner() "
   "coroutine.yield(s) end) local first = coroutine.status(main) "
   "local _, normal = coroutine.resume(outer) "
   "local s = coroutine.status(outer) coroutine.resume(outer) "
   "return first .. ':' .. tostring(is_main) .. ':' .. normal .. ':' .. s .. "
   "':' .. coroutine.status(outer)"},
  {"weak_tables_and_collection", "0",
   "local t = setmetatable({}, {__mode = 'k'}) for i = 1, 20 do t[{}] = i end "
   "for i = 1, 300 do collectgarbage('step') end local n = 0 "
   "for _ in pairs(t) do n = n + 1 end return tostring(n)"},
  {"asks_from_an_inner_coroutine", "1",
   "local co = coroutine.create(function() return saker.publish('c', 'm') end) "
   "local ok, n = coroutine.resume(co) return tostring(n)"},
};

std::string
ordinary_name(const testing::TestParamInfo<std::tuple<ordinary, int>>& info) {
  return std::string{std::get<0>(info.param).name} + "_in_slices_of_"
         + std::to_string(std::get<1>(info.param));
}

class ordinary_test
  : public test::script_test,
    public testing::WithParamInterface<std::tuple<ordinary, int>> {};

TEST_P(ordinary_test, computes_what_it_should) {
  auto& [row, slice] = GetParam();
  options.engine.slice = slice;
  define(row.text);
  auto id = begin();
  std::optional<resp::value> got;
  for (int i = 0; i < 100 && !got; ++i) {
    for (auto& x : settle())
      if (x.id == id) {
        ASSERT_TRUE(x.value) << x.value.error().detail;
        got = *x.value;
      }
    if (!env.published.empty() && !env.waiting.empty()) {
      env.waiting.clear();
      uut().answer(env.published.back().id, resp::value{1});
    } else if (auto next = uut().next_wake()) {
      env.clock = *next;
    }
  }
  ASSERT_TRUE(got) << "it never ends";
  EXPECT_EQ(*got, resp::value{row.result});
}

INSTANTIATE_TEST_SUITE_P(scripts, ordinary_test,
                         testing::Combine(testing::ValuesIn(ordinary_scripts),
                                          testing::Values(1, 2, 3, 7, 37, 1000,
                                                          10'000)),
                         ordinary_name);

} // namespace
} // namespace saker::lua

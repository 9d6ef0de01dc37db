#include "lua/convert.hpp"

#include "lua/state.hpp"

#include <gtest/gtest.h>
#include <lua.hpp>

#include <cmath>

namespace saker::lua {
namespace {

using resp::array;
using resp::protocol;
using resp::value;

class convert_test : public testing::Test {
protected:
  /// What the results of a chunk become.
  result<value>
  reply(std::string_view text, protocol dialect = protocol::resp3) {
    auto L = uut.get();
    EXPECT_TRUE(uut.load("a.lua", "return " + std::string{text}));
    EXPECT_TRUE(uut.call(0, LUA_MULTRET, {}));
    auto n = lua_gettop(L);
    auto out = to_reply(L, n, dialect, limits);
    EXPECT_EQ(lua_gettop(L), n) << "the stack is not balanced";
    lua_settop(L, 0);
    return out;
  }

  value good(std::string_view text, protocol dialect = protocol::resp3) {
    auto out = reply(text, dialect);
    EXPECT_TRUE(out) << out.error().detail;
    return out ? *out : value{};
  }

  std::string bad(std::string_view text) {
    auto out = reply(text);
    EXPECT_FALSE(out) << text;
    EXPECT_TRUE(!out && out.error().code == errc::script_error);
    return out ? "" : out.error().detail;
  }

  /// What a script sees of a reply.
  std::string seen(const value& x) {
    auto L = uut.get();
    EXPECT_TRUE(uut.run("show.lua", R"(
      local function show(x)
        if type(x) ~= 'table' then return tostring(x) end
        local keys, out = {}, {}
        for k in pairs(x) do keys[#keys + 1] = k end
        table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
        for i, k in ipairs(keys) do out[i] = show(k) .. '=' .. show(x[k]) end
        return '{' .. table.concat(out, ',') .. '}'
      end
      function see(...)
        local out = {}
        for i = 1, select('#', ...) do out[i] = show((select(i, ...))) end
        return table.concat(out, ' ')
      end)",
                        {}));
    lua_getglobal(L, "see");
    EXPECT_TRUE(uut.call(push_reply(L, x), 1, {}));
    std::string out = lua_tostring(L, -1);
    lua_settop(L, 0);
    return out;
  }

  state uut;
  reply_limits limits;
};

TEST_F(convert_test, converts_plain_values) {
  EXPECT_EQ(good(""), value{});
  EXPECT_EQ(good("nil"), value{});
  EXPECT_EQ(good("false"), value{});
  EXPECT_EQ(good("true"), value{1});
  EXPECT_EQ(good("42"), value{42});
  EXPECT_EQ(good("-2^53"), value{-9007199254740992});
  EXPECT_EQ(good("'a\\0\\r\\n'"), value{std::string("a\0\r\n", 4)});
}

TEST_F(convert_test, whole_numbers_are_integers_as_far_as_resp_has_them) {
  for (auto dialect : {protocol::resp2, protocol::resp3}) {
    EXPECT_EQ(good("2^53 + 2", dialect), value{9007199254740994});
    EXPECT_EQ(good("2^60", dialect), value{std::int64_t{1} << 60});
    EXPECT_EQ(good("2^63 - 1024", dialect), value{9223372036854774784});
    EXPECT_EQ(good("-2^63", dialect), value{INT64_MIN});
    EXPECT_EQ(good("2^63", dialect), value{0x1p63});
    EXPECT_EQ(good("-2^63 - 2048", dialect), value{-0x1p63 - 2048});
  }
  EXPECT_EQ(
    good("{map = {[2^60] = 2^60}}"),
    value{resp::map{}.add(std::int64_t{1} << 60, std::int64_t{1} << 60)});
}

TEST_F(convert_test, a_fraction_is_a_double_or_cut_off_in_resp2) {
  EXPECT_EQ(good("3.75"), value{3.75});
  EXPECT_EQ(good("3.75", protocol::resp2), value{3});
  EXPECT_EQ(good("-3.75", protocol::resp2), value{-3});
  EXPECT_EQ(good("{double = 3}", protocol::resp2), value{3.0});
  EXPECT_EQ(good("2^70", protocol::resp2), value{0x1p70});
  EXPECT_EQ(good("math.huge"), value{HUGE_VAL});
}

TEST_F(convert_test, a_table_may_name_its_type) {
  EXPECT_EQ(good("{ok = 'fine'}"), value{resp::simple{"fine"}});
  EXPECT_EQ(good("{err = 'MY fault'}"), value{resp::error{"MY fault"}});
  EXPECT_EQ(good("{double = 2.5}"), value{2.5});
  EXPECT_EQ(good("{map = {b = 1, a = {2}, [3] = 'x'}}"),
            value{resp::map{}.add(3, "x").add("a", array{{2}}).add("b", 1)});
  EXPECT_EQ(good("{set = {'x', 'y'}}"), value{resp::set({"x", "y"})});
  EXPECT_EQ(good("{set = {y = true, x = true}}"), value{resp::set({"x", "y"})});
}

TEST_F(convert_test, an_array_ends_before_the_first_nil) {
  EXPECT_EQ(good("{1, 'two', {3}, false, {ok = 'x'}}"),
            value{array({1, "two", array({3}), nullptr, resp::simple{"x"}})});
  EXPECT_EQ(good("{1, nil, 3}"), value{array({1})});
  EXPECT_EQ(good("{}"), value{array{}});
  EXPECT_EQ(good("{1, 2, n = 2}"), value{array({1, 2})});
}

TEST_F(convert_test, accepts_the_older_form_of_two_results) {
  EXPECT_EQ(good("true, 'text'"), value{"text"});
  EXPECT_EQ(good("false, 'went wrong'"), value{resp::error{"ERR went wrong"}});
  EXPECT_EQ(good("true, 5"), value{1});
  EXPECT_EQ(good("nil, 'why not'"), value{resp::error{"ERR why not"}});
  EXPECT_EQ(good("nil, nil"), value{});
  EXPECT_EQ(good("'a', 'b'"), value{"a"});
}

TEST_F(convert_test, names_what_cannot_be_a_reply) {
  EXPECT_EQ(bad("print"), "cannot reply with a function");
  EXPECT_EQ(bad("{1, {print}}"), "cannot reply with a function");
  EXPECT_EQ(bad("{name = 'x'}"), "cannot reply with a table with named "
                                 "fields: use {map={...}}");
  EXPECT_EQ(bad("{map = {[print] = 1}}"), "cannot reply with a function");
}

TEST_F(convert_test, refuses_cycles_depth_and_bulk) {
  EXPECT_EQ(bad("(function() local t = {} t[1] = {t} return t end)()"),
            "cannot reply with a table that contains itself");
  auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '{')
           + std::string(static_cast<std::size_t>(depth), '}');
  };
  EXPECT_TRUE(reply(nested(32)));
  EXPECT_EQ(bad(nested(33)), "cannot reply with tables nested deeper than 32");
  limits.values = 3;
  EXPECT_TRUE(reply("{1, 2}"));
  EXPECT_EQ(bad("{1, 2, 3}"), "cannot reply with more than 3 values");
  limits = {};
  limits.bytes = 10;
  EXPECT_TRUE(reply("{'12345', '67890'}"));
  EXPECT_EQ(bad("{'12345', '67890', '1'}"),
            "cannot reply with more than 10 bytes");
  EXPECT_EQ(bad("{err = '12345678901'}"),
            "cannot reply with more than 10 bytes");
}

TEST_F(convert_test, calls_no_metamethods) {
  EXPECT_EQ(good("setmetatable({1}, {__index = function() error('called') end,"
                 " __len = error, __pairs = error, __tostring = error})"),
            value{array({1})});
}

TEST_F(convert_test, a_script_sees_replies_as_it_would_write_them) {
  EXPECT_EQ(seen(value{7}), "7");
  EXPECT_EQ(seen(value{2.5}), "2.5");
  EXPECT_EQ(seen(value{true}), "true");
  EXPECT_EQ(seen(value{"bulk"}), "bulk");
  EXPECT_EQ(seen(value{resp::verbatim{"text"}}), "text");
  EXPECT_EQ(seen(value{resp::simple{"OK"}}), "{ok=OK}");
  EXPECT_EQ(seen(value{nullptr}), "nil");
  EXPECT_EQ(seen(value{resp::error{"ERR no"}}), "nil ERR no");
  EXPECT_EQ(seen(value{array({1, nullptr, array({"x"})})}),
            "{1=1,2=false,3={1=x}}");
  EXPECT_EQ(seen(value{array({resp::error{"ERR no"}})}), "{1={err=ERR no}}");
  EXPECT_EQ(seen(value{resp::map{}.add("a", 1).add(std::nan(""), 2)}),
            "{map={a=1,nan=2}}");
  EXPECT_EQ(seen(value{resp::set({"x"})}), "{set={x=true}}");
}

} // namespace
} // namespace saker::lua

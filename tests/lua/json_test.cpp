#include "tests/lua/support/script_test.hpp"

namespace saker::lua {
namespace {

using resp::value;

class lua_json_test : public test::script_test {
protected:
  std::string encoded(std::string_view x) {
    auto out = eval("return (assert(json.encode(" + std::string{x} + ")))");
    EXPECT_TRUE(out) << out.error().detail;
    return out ? std::string{out->text()} : "";
  }

  std::string why(std::string_view call) {
    auto out = eval("local x, why = json." + std::string{call}
                    + " assert(x == nil) return why");
    EXPECT_TRUE(out) << out.error().detail;
    return out ? std::string{out->text()} : "";
  }
};

TEST_F(lua_json_test, encodes) {
  EXPECT_EQ(encoded("nil"), "null");
  EXPECT_EQ(encoded("json.null"), "null");
  EXPECT_EQ(encoded("true"), "true");
  EXPECT_EQ(encoded("false"), "false");
  EXPECT_EQ(encoded("42"), "42");
  EXPECT_EQ(encoded("-2^53"), "-9007199254740992");
  EXPECT_EQ(encoded("0.1"), "0.1");
  EXPECT_EQ(encoded("1e100"), "1e+100");
  EXPECT_EQ(encoded("'a\"\\n'"), R"("a\"\n")");
  EXPECT_EQ(encoded("{1, 'x', {}, {1}}"), R"([1,"x",{},[1]])");
  EXPECT_EQ(encoded("{b = 1, a = {c = false}}"), R"({"a":{"c":false},"b":1})");
  EXPECT_EQ(encoded("json.array()"), "[]");
  EXPECT_EQ(encoded("{json.array{}, json.array{1}}"), "[[],[1]]");
}

TEST_F(lua_json_test, says_what_it_cannot_encode) {
  auto has = [this](const char* call, const char* words) {
    EXPECT_NE(why(call).find(words), std::string::npos) << why(call);
  };
  has("encode(print)", "JSON cannot hold a function");
  has("encode(0/0)", "NaN");
  has("encode(1/0)", "infinite");
  has("encode({1, x = 2})", "numbers and names");
  has("encode({[2] = 1})", "holes");
  has("encode({[true] = 1})", "a key that is a boolean");
  has("encode((function() local t = {} t.t = t return t end)())", "itself");
  has("encode((function() local t = {} for i = 1, 70 do t = {t} end return t "
      "end)())",
      "deeper than 64");
  has("array(5)", "needs a table");
  EXPECT_EQ(why("encode(print)").find("test.lua:1: json.encode:"), 0u);
}

TEST_F(lua_json_test, decodes) {
  EXPECT_EQ(*eval(R"(
    local x = assert(json.decode([[{"a": [1, 2.5, -3], "b": {"c": "d\u00e4"},
                                   "n": null, "t": true, "e": []}]]))
    return {#x.a, x.a[2] == 2.5, x.a[3], x.b.c, x.n == json.null, x.t,
            json.encode(x.e)})"),
            (value{resp::array{{3, 1, -3, "d\xc3\xa4", 1, 1, "[]"}}}));
  EXPECT_EQ(*eval("return {json.decode('5'), json.decode('\"x\"'), "
                  "json.decode('true'), json.decode('null') == json.null}"),
            (value{resp::array{{5, "x", 1, 1}}}));
  EXPECT_EQ(*eval("return require('json') == json"), value{1});
}

TEST_F(lua_json_test, says_what_it_cannot_decode) {
  EXPECT_NE(why("decode('{')").find("json.decode: no JSON at byte"),
            std::string::npos)
    << why("decode('{')");
  EXPECT_NE(why("decode('')").find("no JSON"), std::string::npos);
  EXPECT_NE(why("decode('[1] x')").find("no JSON"), std::string::npos);
  EXPECT_NE(why("decode(('['):rep(70))").find("deeper than 64"),
            std::string::npos);
  EXPECT_NE(why("decode(nil)").find("must be a string, not nil"),
            std::string::npos);
}

TEST_F(lua_json_test, a_round_trip_changes_nothing) {
  std::string text = R"({"a":[],"b":[[],{}],"c":[1,2,[3]],"d":{"e":null}})";
  EXPECT_EQ(*eval("return json.encode(json.decode(args[1]))", {text}),
            value{text});
}

TEST_F(lua_json_test, the_memory_of_the_script_bounds_it) {
  options.engine.memory = 2u << 20;
  auto out = eval("local s = ('x'):rep(1e5) local t = {} "
                  "for i = 1, 1000 do t[i] = s end return json.encode(t)");
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, errc::out_of_memory);
}

} // namespace
} // namespace saker::lua

#include "lua/pattern.hpp"

#include "lua/state.hpp"

#include <gtest/gtest.h>
#include <lua.hpp>

#include <memory>
#include <random>
#include <string>

namespace saker::lua {
namespace {

using span = std::pair<std::size_t, std::size_t>;

std::optional<span> find(std::string_view subject, std::string_view text,
                         std::uint64_t steps = 10'000) {
  pattern compiled{text};
  matcher m{compiled, subject, steps};
  auto found = m.find(0);
  EXPECT_TRUE(found) << text << ": " << found.error().detail;
  if (!found || !*found)
    return std::nullopt;
  return span{m.begin(), m.end()};
}

failure mistake(std::string_view subject, std::string_view text,
                std::uint64_t steps = 10'000) {
  pattern compiled{text};
  matcher m{compiled, subject, steps};
  auto found = m.find(0);
  EXPECT_FALSE(found) << text;
  return found ? failure{} : found.error();
}

TEST(pattern_test, finds_the_first_place_that_fits) {
  EXPECT_EQ(find("key = value", "%w+%s*=%s*%w+"), span(0, 11));
  EXPECT_EQ(find("  x", "%S"), span(2, 3));
  EXPECT_EQ(find("abc", "^b"), std::nullopt);
  EXPECT_EQ(find("abc", "c$"), span(2, 3));
  EXPECT_EQ(find("THE (quick) fox", "%((%a+)%)"), span(4, 11));
  EXPECT_EQ(find("THE (quick) fox", "%f[%a]%a+%f[%A]"), span(0, 3));
  EXPECT_EQ(find("f(a(b)c)d", "%b()"), span(1, 8));
  EXPECT_EQ(find("she said \"it's\"", "([\"']).-%1"), span(9, 15));
  EXPECT_EQ(find(std::string_view("a\0b", 3), "%z"), span(1, 2));
  EXPECT_EQ(find("\xff\x80", "[\x80-\xff]+"), span(0, 2));
}

TEST(pattern_test, a_position_is_a_capture_too) {
  pattern compiled{"()l+(o)"};
  std::uint64_t steps = 1000;
  matcher m{compiled, "hello", steps};
  ASSERT_TRUE(*m.find(0));
  ASSERT_EQ(m.captures(), 2u);
  EXPECT_TRUE(m.get(0)->position);
  EXPECT_EQ(m.get(0)->begin, 2u);
  EXPECT_EQ(m.get(1)->begin, 4u);
  EXPECT_FALSE(m.get(2));
}

TEST(pattern_test, reports_mistakes_as_lua_does) {
  EXPECT_EQ(mistake("a", "%"),
            fail(errc::syntax, "malformed pattern (ends with '%')"));
  EXPECT_EQ(mistake("a", "[a"),
            fail(errc::syntax, "malformed pattern (missing ']')"));
  EXPECT_EQ(mistake("a", "%b("), fail(errc::syntax, "malformed pattern "
                                                    "(missing arguments to "
                                                    "'%b')"));
  EXPECT_EQ(mistake("a", "a)"), fail(errc::syntax, "invalid pattern capture"));
  EXPECT_EQ(mistake("a", "%1"), fail(errc::syntax, "invalid capture index %1"));
}

TEST(pattern_test, ends_when_the_steps_are_used_up) {
  auto subject = std::string(30, 'a');
  EXPECT_EQ(mistake(subject, ".-.-.-.-b", 1000).code, errc::busy);
  EXPECT_EQ(mistake(subject, "%b()", 20).code, errc::busy);
  EXPECT_EQ(find(subject, "^.-$", 200), span(0, 30));
}

TEST(pattern_test, counts_every_step_of_all_attempts) {
  std::uint64_t steps = 1'000'000;
  auto subject = std::string(1000, 'a');
  pattern compiled{"b"};
  matcher m{compiled, subject, steps};
  EXPECT_FALSE(*m.find(0));
  EXPECT_GE(1'000'000 - steps, 1000u);
}

TEST(pattern_test, nests_only_so_deep) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += "a?";
  EXPECT_EQ(mistake(std::string(300, 'a'), text).code, errc::limit);
}

// -- against the library -------------------------------------------------------

/// All that the four functions say about a subject and a pattern, as text.
constexpr const char* probe = R"(
  local function show(...)
    local out = {}
    for i = 1, select('#', ...) do
      out[i] = tostring((select(i, ...)))
    end
    return table.concat(out, ',') .. ';'
  end
  local function list(s, p)
    local out = {}
    for a, b, c in s:gmatch(p) do
      out[#out + 1] = show(a, b, c)
      if #out > 50 then break end
    end
    return table.concat(out)
  end
  function probe(s, p, init, repl)
    return show(pcall(string.find, s, p)) ..
           show(pcall(string.find, s, p, init)) ..
           show(pcall(string.find, s, p, init, true)) ..
           show(pcall(string.match, s, p, init)) ..
           show(pcall(list, s, p)) ..
           show(pcall(string.gsub, s, p, repl)) ..
           show(pcall(string.gsub, s, p, '<%0>', 2)) ..
           show(pcall(string.gsub, s, p, function(a, b)
             if a == 'a' then return nil end
             return '{' .. tostring(a) .. tostring(b) .. '}'
           end)) ..
           show(pcall(string.gsub, s, p, {a = 'A', b = false, ab = 7}))
  end
)";

struct closer {
  void operator()(lua_State* L) const {
    lua_close(L);
  }
};

class pattern_property_test : public testing::Test {
protected:
  pattern_property_test() : library(luaL_newstate()) {
    luaL_openlibs(library.get());
    auto L = library.get();
    EXPECT_EQ(
      luaL_loadbuffer(L, probe, std::string_view{probe}.size(), "@probe"),
      LUA_OK);
    EXPECT_EQ(lua_pcall(L, 0, 0, 0), LUA_OK);
    EXPECT_TRUE(uut.run("probe", probe, {}));
  }

  std::string text(std::size_t most, std::string_view alphabet) {
    std::string out;
    for (auto n = random() % (most + 1); n > 0; --n)
      out += alphabet[random() % alphabet.size()];
    return out;
  }

  /// Most of them make sense, some do not.
  std::string any_pattern() {
    static constexpr std::string_view pieces[] = {
      "a",    "b",      "c",      "%a",  "%d",    "%s",     ".",    "[ab]",
      "[^a]", "[a-c]",  "[%a1]",  "[]]", "[^]b]", "[a-]",   "[%]]", "(",
      ")",    "()",     "(a)",    "(.)", "%b()",  "%f[%a]", "%1",   "%2",
      "$",    "^",      "%%",     "%.",  "-",     "]",      "[",    "%",
      "%A",   "%f[^a]", "[a-%b]", "%f",  "%b(",   "%W",     "(.-)", "(%w*)",
    };
    static constexpr std::string_view suffixes[] = {"", "", "*", "+", "-", "?"};
    std::string out = random() % 6 == 0 ? "^" : "";
    for (auto n = random() % 6; n > 0; --n) {
      out += pieces[random() % std::size(pieces)];
      out += suffixes[random() % std::size(suffixes)];
    }
    return out;
  }

  static std::string
  ask(lua_State* L, const std::string& s, const std::string& p, int init,
      const std::string& repl) {
    lua_getglobal(L, "probe");
    lua_pushlstring(L, s.data(), s.size());
    lua_pushlstring(L, p.data(), p.size());
    lua_pushinteger(L, init);
    lua_pushlstring(L, repl.data(), repl.size());
    EXPECT_EQ(lua_pcall(L, 4, 1, 0), LUA_OK) << lua_tostring(L, -1);
    std::size_t size;
    auto data = lua_tolstring(L, -1, &size);
    std::string out{data, size};
    lua_pop(L, 1);
    return out;
  }

  std::mt19937 random{20'23};
  std::unique_ptr<lua_State, closer> library;
  state uut;
};

TEST_F(pattern_property_test, agrees_with_the_library_on_what_makes_sense) {
  for (int i = 0; i < 6000; ++i) {
    auto subject = text(10, "aabbc1 ().-]");
    auto p = any_pattern();
    auto init = static_cast<int>(random() % 26) - 13;
    auto repl = text(4, "x%012%a");
    ASSERT_EQ(ask(uut.get(), subject, p, init, repl),
              ask(library.get(), subject, p, init, repl))
      << "subject " << subject << " pattern " << p << " init " << init
      << " repl " << repl;
  }
}

TEST_F(pattern_property_test, agrees_with_the_library_on_noise) {
  for (int i = 0; i < 6000; ++i) {
    auto subject = text(10, std::string_view("ab%[]^-\0$z9", 11));
    auto p = text(8, std::string_view("ab%[]()^$*+?-.\0fb1sw", 20));
    ASSERT_EQ(ask(uut.get(), subject, p, 1, "%0"),
              ask(library.get(), subject, p, 1, "%0"))
      << "subject " << subject << " pattern " << p;
  }
}

TEST_F(pattern_property_test, agrees_with_the_library_on_every_class) {
  std::string all;
  for (int c = 0; c < 256; ++c)
    all += static_cast<char>(c);
  for (int c = 0; c < 256; ++c)
    for (auto p : {std::string{"%"} + static_cast<char>(c),
                   std::string{"[%"} + static_cast<char>(c) + "]",
                   std::string{"[^%"} + static_cast<char>(c) + "]"})
      ASSERT_EQ(ask(uut.get(), all, p, 1, ""),
                ask(library.get(), all, p, 1, ""))
        << c;
}

} // namespace
} // namespace saker::lua

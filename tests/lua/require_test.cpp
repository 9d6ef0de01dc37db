#include "lua/modules.hpp"
#include "tests/lua/support/script_test.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace saker::lua {
namespace {

using resp::value;

/// A directory of modules of its own.
class require_test : public test::script_test {
protected:
  require_test() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "saker-require-XXXXXX")
          .string();
    if (mkdtemp(pattern.data()) != nullptr)
      dir = pattern;
    EXPECT_FALSE(dir.empty());
    options.engine.path = dir.string() + "/?.lua";
    options.engine.cpath = dir.string() + "/?.so";
  }

  ~require_test() override {
    std::error_code ignored;
    std::filesystem::remove_all(dir, ignored);
  }

  void write(const char* name, const char* text) {
    std::ofstream{dir / name} << text;
  }

  std::filesystem::path dir;
};

TEST_F(require_test, loads_a_module_of_the_configured_path_once) {
  write("counter.lua", "loaded = (loaded or 0) + 1 "
                       "return {name = ..., n = loaded}");
  EXPECT_EQ(*eval("local a, b = require 'counter', require 'counter' "
                  "return {a.name, a.n, a == b, loaded}"),
            (value{resp::array{{"counter", 1, 1, 1}}}));
}

TEST_F(require_test, knows_the_libraries_by_name) {
  EXPECT_EQ(*eval("return {require 'string' == string, require 'table' == "
                  "table, require 'coroutine' == coroutine, require 'os' == "
                  "os, require 'math' == math}"),
            (value{resp::array{{1, 1, 1, 1, 1}}}));
}

TEST_F(require_test, says_where_it_looked) {
  auto out = eval("require 'nothing'");
  ASSERT_FALSE(out);
  EXPECT_NE(out.error().detail.find((dir / "nothing.lua").string()),
            std::string::npos);
  EXPECT_EQ(out.error().detail.find("/usr/local"), std::string::npos);
}

TEST_F(require_test, names_file_and_line_of_who_requires) {
  auto place = std::string{"test.lua:1: "};
  EXPECT_EQ(eval("require 'nothing'").error().detail.find(place + "module"),
            0u);
  write("bad.lua", "x = = 1");
  EXPECT_EQ(eval("require 'bad'").error().detail.find(place + "error loading"),
            0u);
}

TEST_F(require_test, knows_a_module_without_a_value) {
  write("mute.lua", "mute = (mute or 0) + 1");
  write("own.lua", "package.loaded.own = 'own'");
  EXPECT_EQ(*eval("return {require 'mute', require 'mute', mute, "
                  "require 'own'}"),
            (value{resp::array{{1, 1, 1, "own"}}}));
  EXPECT_EQ(eval("package.searchers = nil require 'x'")
              .error()
              .detail.find("test.lua:1: package.searchers must"),
            0u);
}

TEST_F(require_test, names_file_and_line_of_a_module_that_fails) {
  write("bad.lua", "\n\nerror('no')");
  auto out = eval("require 'bad'");
  ASSERT_FALSE(out);
  EXPECT_NE(out.error().detail.find("bad.lua:3: no"), std::string::npos);
}

TEST_F(require_test, ends_a_module_that_never_ends) {
  options.allowed = {200'000, {}};
  write("endless.lua", "while true do end");
  auto out = eval("pcall(require, 'endless')");
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, errc::busy);
}

TEST_F(require_test, takes_no_bytecode) {
  write("binary.lua", LUA_SIGNATURE "R");
  auto out = eval("require 'binary'");
  ASSERT_FALSE(out);
  EXPECT_NE(out.error().detail.find("attempt to load a binary chunk"),
            std::string::npos)
    << out.error().detail;
}

TEST_F(require_test, takes_no_file_that_is_too_large) {
  options.engine.source_size = 100;
  write("large.lua", ("return 1" + std::string(100, ' ')).c_str());
  write("small.lua", "return 1");
  EXPECT_EQ(*eval("return require 'small'"), value{1});
  EXPECT_NE(eval("require 'large'").error().detail.find("larger than 100"),
            std::string::npos);
}

TEST_F(require_test, counts_what_it_reads_as_work) {
  options.allowed = {100'000, {}};
  write("long.lua", ("return 1" + std::string(50'000, ' ')).c_str());
  EXPECT_EQ(eval("require 'long' for i = 1, 9 do end").error().code,
            errc::busy);
  EXPECT_EQ(eval("while true do pcall(require, 'nothing') end").error().code,
            errc::busy);
}

TEST_F(require_test, loads_only_what_is_trusted) {
  std::vector<std::string> asked;
  options.engine.trusted = [&](const std::string& file) -> result<void> {
    asked.push_back(file);
    if (file.find("bad") == std::string::npos)
      return {};
    return fail(errc::not_permitted, file + " belongs to bob; type: chown");
  };
  write("good.lua", "return 'good'");
  write("bad.lua", "bad_ran = true");
  write("worse.so", "no library at all");
  EXPECT_EQ(*eval("return require 'good'"), value{"good"});
  auto file = (dir / "bad.lua").string();
  auto out = eval("require 'bad'");
  ASSERT_FALSE(out);
  EXPECT_NE(out.error().detail.find("require 'bad': " + file
                                    + " belongs to bob; type: chown"),
            std::string::npos)
    << out.error().detail;
  EXPECT_EQ(*eval("return bad_ran"), value{});
  EXPECT_EQ(asked.size(), 2u);
  // Compiled ones too, by either name.
  EXPECT_FALSE(eval("require 'worse'"));
  EXPECT_FALSE(eval("require 'worse.part'"));
  ASSERT_EQ(asked.size(), 4u);
  EXPECT_EQ(asked[2], (dir / "worse.so").string());
  EXPECT_EQ(asked[3], asked[2]);
  options.engine.trusted = nullptr;
}

TEST(module_path_test, begins_in_the_directory_of_the_scripts) {
  EXPECT_EQ(text_path("?.lua;/opt/?.lua;lib/?.lua", "/etc/saker/scripts"),
            "/etc/saker/scripts/?.lua;/opt/?.lua;/etc/saker/scripts/lib/?.lua");
  auto all = text_path("?.lua;?/init.lua;;", "/s");
  EXPECT_EQ(all.find("/s/?.lua;/s/?/init.lua;/usr/local/share/lua/5.2/?.lua;"),
            0u)
    << all;
  EXPECT_EQ(all.find("./"), std::string::npos) << all;
  EXPECT_EQ(all.find(";;"), std::string::npos) << all;
  EXPECT_EQ(compiled_path("?.so;;", "/s").find("/s/?.so;/usr/local/lib/lua"),
            0u);
  EXPECT_EQ(text_path(";;", "/s").find("/usr"), 0u);
  EXPECT_EQ(text_path("/a/?.lua;", "/s"), "/a/?.lua");
  EXPECT_EQ(text_path("", "/s"), "");
}

/// Modules leave the symbols of Lua open, so they need no header here and no
/// library; they find them in the process.
constexpr const char* source = R"(
  typedef struct lua_State lua_State;
  typedef int (*lua_CFunction)(lua_State*);
  extern double luaL_checknumber(lua_State*, int);
  extern void lua_pushnumber(lua_State*, double);
  extern void lua_createtable(lua_State*, int, int);
  extern void lua_pushcclosure(lua_State*, lua_CFunction, int);
  extern void lua_setfield(lua_State*, int, const char*);
  static int twice(lua_State* L) {
    lua_pushnumber(L, 2 * luaL_checknumber(L, 1));
    return 1;
  }
  int luaopen_native(lua_State* L) {
    lua_createtable(L, 0, 1);
    lua_pushcclosure(L, twice, 0);
    lua_setfield(L, -2, "twice");
    return 1;
  }
)";

TEST_F(require_test, loads_a_compiled_module) {
  write("native.c", source);
  auto command = "cc -shared -fPIC -fexceptions -o "
                 + (dir / "native.so").string() + " "
                 + (dir / "native.c").string() + " 2>/dev/null";
  if (std::system(command.c_str()) != 0)
    GTEST_SKIP() << "no C compiler here";
  EXPECT_EQ(*eval("return require('native').twice(21)"), value{42});
  EXPECT_EQ(*eval("return (select(2, pcall(require('native').twice, 'x')))"),
            value{"bad argument #1 to '?' (number expected, got string)"});
}

} // namespace
} // namespace saker::lua

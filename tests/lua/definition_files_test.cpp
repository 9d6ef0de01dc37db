#include "tests/lua/support/definition_reading.hpp"

#include <gtest/gtest.h>

namespace saker::lua {
namespace {

using namespace std::chrono_literals;
using namespace test;

TEST(definition_files_test, a_bad_file_leaves_the_others_alone) {
  auto all = evaluate({{"a.lua", "service \"web\" { exec = {\"x\"} "},
                       {"b.lua", "service \"db\" { exec = {\"x\"} }"}});
  EXPECT_EQ(told(all.errors), "a.lua:1: '}' expected near <eof>\n");
  EXPECT_EQ(all.bad, (std::set<std::string>{"a.lua"}));
  EXPECT_EQ(all.files, (std::set<std::string>{"a.lua", "b.lua"}));
  EXPECT_TRUE(all.services.contains("db"));
}

TEST(definition_files_test, nothing_of_a_bad_file_is_taken) {
  auto all = read("service \"a\" { exec = {\"x\"} }\n"
                  "service \"b\" { exec = 5 }");
  EXPECT_TRUE(all.services.empty());
}

TEST(definition_files_test, a_lua_error_has_its_line) {
  EXPECT_EQ(errors("\n\nerror \"no luck\""), "a.lua:3: no luck\n");
  EXPECT_EQ(errors("local x = nil + 1"),
            "a.lua:1: attempt to perform arithmetic on a nil value\n");
  EXPECT_EQ(errors("service \"a\" { exec = {\"x\"}, dirr = 1 }\n"
                   "error {}"),
            "a.lua:1: service \"a\": there is no key \"dirr\" (did you mean "
            "\"dir\"?)\n"
            "a.lua:2: (error object is a table value)\n");
}

TEST(definition_files_test, a_misspelt_word_is_named) {
  EXPECT_EQ(errors("\nservce \"web\" {}"),
            "a.lua:2: there is no \"servce\" here (did you mean "
            "\"service\"?)\n");
  EXPECT_EQ(errors("service \"web\" { exec = {prog} }"),
            "a.lua:1: there is no \"prog\" here\n");
  EXPECT_EQ(errors("every(\"5s\", print)"),
            "a.lua:1: there is no \"every\" here: it belongs to scripts, "
            "definitions only say what is wanted\n");
  EXPECT_EQ(errors("os.execute(\"x\")"),
            "a.lua:1: there is no \"os\" here: definitions only compute; exec "
            "and before run programs\n");
}

TEST(definition_files_test, the_sandbox_has_no_way_out) {
  for (std::string word : {"os", "io", "require", "debug", "package", "load",
                           "loadstring", "dofile", "loadfile"})
    EXPECT_TRUE(errors("return " + word)
                  .starts_with("a.lua:1: there is no \"" + word + "\" here"))
      << word << ": " << errors("return " + word);
}

TEST(definition_files_test, an_endless_loop_is_an_error_of_its_file) {
  definition_options options;
  options.allowed = {1'000'000, 0s};
  auto all = evaluate({{"a.lua", "local x = 1\nwhile true do end"},
                       {"b.lua", "service \"db\" { exec = {\"x\"} }"}},
                      options);
  EXPECT_EQ(told(all.errors),
            "a.lua:2: the file takes too long: it ran for 1000000 instructions "
            "without a pause\n");
  EXPECT_TRUE(all.services.contains("db"));
}

TEST(definition_files_test, a_memory_bomb_is_an_error_of_its_file) {
  definition_options options;
  options.memory = 4u << 20;
  auto all = evaluate({{"a.lua", "\n\nlocal t = {} for i = 1, 1e9 do t[i] = "
                                 "{i} end"},
                       {"b.lua", "service \"db\" { exec = {\"x\"} }"}},
                      options);
  EXPECT_EQ(told(all.errors),
            "a.lua:3: the file needs more than 4mb of memory\n");
  EXPECT_TRUE(all.services.contains("db"));
}

TEST(definition_files_test, every_error_that_ends_a_file_has_its_line) {
  // What no clock saw before: the first look at it is the last.
  auto hungry = [](std::size_t memory) {
    definition_options options;
    options.memory = memory;
    return options;
  };
  auto all = evaluate({{"a.lua", "\nlocal t = {}\nfor i = 1, 200 do\nt[i] = "
                                 "string.rep(\"x\", 100000) .. i end"}},
                      hungry(4u << 20));
  EXPECT_EQ(told(all.errors),
            "a.lua:4: the file needs more than 4mb of memory\n");
  EXPECT_EQ(errors("\n\nlocal x = string.rep(\"a\", 40)\n"
                   "x:find(string.rep(\"a*\", 40) .. \"b\")"),
            "a.lua:4: the pattern takes too many steps; anchor it, or use "
            "fewer of `.-` and `.*`\n");
  EXPECT_EQ(errors("\nerror({})"),
            "a.lua:2: (error object is a table value)\n");
  EXPECT_EQ(errors("\n\nerror(\"no\", 0)"), "a.lua:3: no\n");
  EXPECT_EQ(errors("\nlocal function f() error() end\nf()"), "a.lua:2: nil\n");
}

TEST(definition_files_test, errors_of_a_long_path_have_their_line) {
  auto path = "/" + std::string(100, 'd') + "/a.lua";
  for (auto text : {"\nx =", "\nlocal x = nil + 1"}) {
    auto all = evaluate({{path, text}}, {});
    ASSERT_EQ(all.errors.size(), 1u);
    EXPECT_EQ(all.errors[0].where.line, 2);
    EXPECT_EQ(all.errors[0].text.find("ddd"), std::string::npos)
      << all.errors[0].text;
  }
}

TEST(definition_files_test, a_gibibyte_of_text_is_an_error) {
  EXPECT_EQ(errors("local s = string.rep(\"x\", 2^30)"),
            "a.lua:1: resulting string too large\n");
}

TEST(definition_files_test, huge_tables_are_errors) {
  EXPECT_EQ(errors("local t = {} for i = 1, 20000 do t[i] = \"x\" end\n"
                   "service \"a\" { exec = t }"),
            "a.lua:2: service \"a\": it has more than 10000 values\n");
  EXPECT_EQ(errors("local t = {} t.exec = t\nservice \"a\" (t)"),
            "a.lua:2: service \"a\": its tables are more than 10 deep\n");
  EXPECT_EQ(errors("local s = string.rep(\"x\", 131071)\n"
                   "for i = 1, 20 do service(\"a\" .. i) { exec = {s, s, s, "
                   "s, s, s, s} } end"),
            "a.lua:2: service \"a19\": it has too much text\n"
            "a.lua:2: service \"a20\": it has too much text\n");
}

TEST(definition_files_test, a_flood_of_errors_is_cut) {
  auto all = read("for i = 1, 150 do service(\"a\" .. i) { x = 1, "
                  "exec = {\"x\"} } end");
  EXPECT_EQ(all.errors.size(), 101u);
  EXPECT_EQ(to_string(all.errors.front()), "a.lua: 50 more errors");
}

TEST(definition_files_test, strange_keys_are_told) {
  EXPECT_EQ(errors("service \"a\" { [true] = 1 }"),
            "a.lua:1: service \"a\": it has a key that is neither a name nor "
            "a whole number\n");
  EXPECT_EQ(errors("service \"a\" { [1.5] = 1 }"),
            "a.lua:1: service \"a\": it has a key that is neither a name nor "
            "a whole number\n");
}

} // namespace
} // namespace saker::lua

#include "actors/definitions.hpp"

#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace saker {
namespace {

using strings = std::vector<std::string>;

class definitions_test : public ::testing::Test {
protected:
  definitions_test() {
    std::filesystem::create_directory(dir.path() / "services");
  }

  void put(const std::string& name, const std::string& text) {
    std::ofstream{dir.path() / "services" / name} << text;
  }

  /// `a=1` for a service `a` whose program is `1`.
  static strings names(const evaluation& x) {
    strings result;
    for (auto& [name, what] : x.services)
      result.push_back(name + "=" + what->exec.at(0));
    return result;
  }

  /// Reads, and accepts what there is.
  evaluation apply(const strings& only = {}) {
    auto found = uut.read(only);
    EXPECT_TRUE(uut.store(found));
    auto after = uut.applied_ones();
    EXPECT_TRUE(after);
    EXPECT_EQ(names(*after), names(found)); // a crash changes nothing
    EXPECT_EQ(after->errors, strings{});
    return found;
  }

  static std::string
  service(const std::string& name, const std::string& program = "1") {
    return "service '" + name + "' {exec = {'" + program + "'}}\n";
  }

  /// As on a machine, without looking at owners.
  static lua::definition_options with_files() {
    lua::definition_options options;
    options.read_file = [](const std::string&,
                           const std::string& path) -> result<std::string> {
      std::ifstream in{path};
      if (!in)
        return fail(errc::not_found, "there is no file " + path);
      return std::string{std::istreambuf_iterator<char>{in}, {}};
    };
    return options;
  }

  test::temporary_directory dir;
  definition_reader uut{dir.path() / "services", dir.path(), with_files()};
};

TEST_F(definitions_test, a_directory_that_is_gone_changes_nothing) {
  put("a.lua", service("x"));
  apply();
  auto from = dir.path() / "services";
  std::filesystem::rename(from, dir.path() / "elsewhere");
  auto found = apply();
  EXPECT_EQ(names(found), (strings{"x=1"}));
  ASSERT_EQ(found.errors.size(), 1u);
  EXPECT_NE(found.errors[0].find("no such directory"), std::string::npos);
  std::filesystem::create_directory(from);
  found = apply();
  EXPECT_EQ(names(found), strings{});
  EXPECT_EQ(found.errors, strings{});
}

TEST_F(definitions_test, what_is_gone_was_not_accepted) {
  put("a.lua", service("x"));
  EXPECT_FALSE(uut.applied_ones());
  apply();
  EXPECT_EQ(names(*uut.applied_ones()), (strings{"x=1"}));
  std::filesystem::remove_all(dir.path() / "applied");
  auto found = uut.applied_ones();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, errc::not_found);
}

TEST_F(definitions_test, a_bad_file_counts_as_it_was_accepted) {
  put("a.lua", service("x") + service("y"));
  put("b.lua", service("z"));
  apply();
  put("a.lua", service("x", "2") + "service");
  put("b.lua", service("z", "2"));
  put("c.lua", "nonsense");
  auto found = apply();
  EXPECT_EQ(names(found), (strings{"x=1", "y=1", "z=2"}));
  EXPECT_EQ(found.errors.size(), 2u);
}

TEST_F(definitions_test, what_clashes_with_the_past_of_a_bad_file_gives_way) {
  put("a.lua", service("x") + service("y"));
  put("b.lua", service("z"));
  apply();
  // `x` moves to b.lua, but a.lua cannot be read without it.
  put("a.lua", service("y", "2") + "service");
  put("b.lua", service("z", "2") + service("x"));
  put("c.lua", service("c"));
  auto found = apply();
  EXPECT_EQ(names(found), (strings{"c=1", "x=1", "y=1", "z=1"}));
  ASSERT_EQ(found.errors.size(), 2u);
  EXPECT_NE(found.errors[1].find("\"x\" is defined twice"), std::string::npos);
  put("a.lua", service("y", "2"));
  EXPECT_EQ(names(apply()), (strings{"c=1", "x=1", "y=2", "z=2"}));
}

TEST_F(definitions_test, a_name_defined_twice_changes_neither_file) {
  put("a.lua", service("x"));
  apply();
  put("b.lua", service("x", "2") + service("y"));
  put("c.lua", service("z"));
  EXPECT_EQ(names(apply()), (strings{"x=1", "z=1"}));
  put("a.lua", service("w"));
  EXPECT_EQ(names(apply()), (strings{"w=1", "x=2", "y=1", "z=1"}));
}

TEST_F(definitions_test, only_the_files_named_are_looked_at) {
  put("a.lua", service("a"));
  put("b.lua", service("b"));
  apply();
  put("a.lua", service("a", "2"));
  put("b.lua", service("b", "2"));
  EXPECT_EQ(names(apply({"b"})), (strings{"a=1", "b=2"}));
  EXPECT_EQ(apply({"c.lua"}).errors.size(), 1u);
  std::filesystem::remove(dir.path() / "services/b.lua");
  EXPECT_EQ(names(apply({"a.lua"})), (strings{"a=2", "b=2"}));
  EXPECT_EQ(names(apply()), (strings{"a=2"}));
}

TEST_F(definitions_test, an_env_file_is_read_anew_only_when_it_is_applied) {
  auto file = (dir.path() / "x.env").string();
  auto write = [&](const std::string& text) { std::ofstream{file} << text; };
  auto value = [](const evaluation& x) {
    auto& env = x.services.at("x")->file_env;
    return env.contains("A") ? env.at("A") : "none";
  };
  put("a.lua", "service 'x' {exec = {'1'}, env_file = {'" + file
                 + "', '-/nonexistent'}}");
  write("A=1");
  EXPECT_EQ(value(apply()), "1");
  write("A=2");
  EXPECT_EQ(value(*uut.applied_ones()), "1"); // after a crash
  EXPECT_EQ(value(uut.read({"b.lua"})), "1"); // not asked for
  EXPECT_EQ(value(uut.read({})), "2");
  write("A=1\nnonsense");
  auto found = uut.read({});
  ASSERT_EQ(found.errors.size(), 1u);
  EXPECT_EQ(value(found), "1"); // it counts as it was accepted
  std::filesystem::remove(file);
  EXPECT_EQ(value(uut.read({})), "1");
  put("a.lua", "service 'x' {exec = {'1'}, env_file = '-" + file + "'}");
  EXPECT_EQ(value(apply()), "none");
  write("A=3");
  EXPECT_EQ(value(*uut.applied_ones()), "none"); // it was not there then
}

TEST_F(definitions_test, q11c_an_expression_that_fits_several_or_none_is_told) {
  std::vector<process::daemon_rule> asked;
  uut.look_by([&](const std::vector<process::daemon_rule>& rules) {
    asked = rules;
    process::finding two;
    two.what = process::finding::kind::several;
    two.text = "match \"^x\" fits 2 processes";
    process::finding none;
    none.text = "no process fits match \"^y\"";
    return std::vector<process::finding>{two, none};
  });
  put("a.lua", "service 'a' {exec = {'a'}, daemon = {match = '^x'}}\n"
               "service 'b' {exec = {'b'}, daemon = {match = '^y'}}\n"
               "service 'c' {exec = {'c'}, daemon = {pidfile = '/run/c'}}\n"
               "service 'd' {exec = {'d'}}\n");
  auto found = apply();
  EXPECT_EQ(
    asked, (std::vector<process::daemon_rule>{{"", "^x", ""}, {"", "^y", ""}}));
  ASSERT_EQ(found.warnings.size(), 2u);
  EXPECT_TRUE(found.warnings[0].ends_with(
    "a.lua:1: service \"a\": daemon.match \"^x\" fits 2 processes"))
    << found.warnings[0];
  EXPECT_TRUE(found.warnings[1].ends_with(
    "a.lua:2: service \"b\": daemon: no process fits match \"^y\"; that is "
    "right as long as it is not started"))
    << found.warnings[1];
}

TEST_F(definitions_test, other_errors_of_the_file_hide_no_expression) {
  uut.look_by([](const std::vector<process::daemon_rule>& rules) {
    process::finding none;
    none.text = "nobody";
    return std::vector<process::finding>(rules.size(), none);
  });
  put("a.lua", "service 'a' {exec = {'a'}, daemon = {match = '^x'}}\n"
               "service 'b' {exec = {'b'}, nice = 'x'}\n");
  auto found = uut.read({});
  EXPECT_EQ(found.errors.size(), 1u);
  ASSERT_EQ(found.warnings.size(), 1u);
  EXPECT_TRUE(found.warnings[0].ends_with(
    "a.lua:1: service \"a\": daemon: nobody; that is right as long as it is "
    "not started"))
    << found.warnings[0];
}

TEST_F(definitions_test, nobody_looks_for_a_wrong_expression) {
  std::vector<process::daemon_rule> asked;
  uut.look_by([&](const std::vector<process::daemon_rule>& rules) {
    asked = rules;
    return std::vector<process::finding>(rules.size());
  });
  put("a.lua", "service 'a' {exec = {'a'}, daemon = {match = '('}}\n"
               "service 'b' {exec = {'b'}, daemon = {pidfile = 'here'}}\n");
  auto found = uut.read({});
  EXPECT_EQ(found.errors.size(), 2u);
  EXPECT_EQ(found.warnings, std::vector<std::string>{});
  EXPECT_EQ(asked, std::vector<process::daemon_rule>{});
}

TEST_F(definitions_test, a_file_that_is_not_there_is_named_in_short) {
  auto found = uut.read({"a\x1b]0;title\x07" + std::string(1'000'000, 'x')});
  ASSERT_EQ(found.errors.size(), 1u);
  EXPECT_LT(found.errors[0].size(), 1000u);
  EXPECT_TRUE(found.errors[0].starts_with("a\\x1b]0;title\\x07xxx"));
}

} // namespace
} // namespace saker

#include "actors/drift.hpp"

#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace saker {
namespace {

using names = std::vector<std::string>;

class drift_test : public ::testing::Test {
protected:
  void put(const std::string& name, const std::string& text) {
    std::ofstream{path(name)} << text;
  }

  std::filesystem::path path(const std::string& name) {
    return std::filesystem::path{dir.path()} / name;
  }

  void apply() {
    std::vector<std::string> errors;
    ASSERT_TRUE(applied(path("state"), "services")
                  .write(read_sources(path("services"), errors)));
    ASSERT_TRUE(errors.empty());
  }

  void SetUp() override {
    std::filesystem::create_directory(path("services"));
    put("services/a.lua", "a");
    put("services/b.lua", "b");
    put("saker.toml", "x");
    apply();
  }

  drift_check make() {
    return drift_check{
      {path("services"), path("state"), path("saker.toml"), "x"}};
  }

  test::temporary_directory dir;
};

TEST_F(drift_test, finds_nothing_where_all_is_as_applied) {
  auto uut = make();
  EXPECT_EQ(uut.look(), drift_report{});
  EXPECT_EQ(uut.look().count(), 0u);
  EXPECT_TRUE(to_lines(uut.look()).errors.empty());
  EXPECT_TRUE(to_lines(uut.look()).others.empty());
}

TEST_F(drift_test, names_what_was_changed_added_and_removed) {
  auto uut = make();
  uut.look();
  put("services/a.lua", "aa");
  put("services/c.lua", "c");
  put("services/.c.lua", "an editor's");
  put("services/c.txt", "c");
  std::filesystem::remove(path("services/b.lua"));
  EXPECT_EQ(uut.look().services,
            (names{"a.lua (changed)", "c.lua (new)", "b.lua (gone)"}));
  EXPECT_EQ(to_lines(uut.look()).others,
            names{"not applied: a.lua (changed), c.lua (new), b.lua (gone): "
                  "SVAPPLY applies what is there"});
  apply();
  EXPECT_EQ(uut.look(), drift_report{});
}

TEST_F(drift_test, tells_the_error_of_a_file_that_has_one) {
  drift_report x{{"pair.lua (new)", "b.lua (changed)"}, {}};
  auto lines = to_lines(x, {"/etc/saker/services/pair.lua:7: no such key",
                            "/etc/saker/services/pair.lua:8: nor this",
                            "/etc/saker/services/bb.lua:1: other"});
  EXPECT_EQ(lines.errors, names{"pair.lua has an error: line 7: no such key"});
  EXPECT_EQ(lines.others, names{"not applied: b.lua (changed): SVAPPLY applies "
                                "what is there"});
}

TEST_F(drift_test, knows_the_configuration_that_counts) {
  auto uut = make();
  put("saker.toml", "y");
  EXPECT_EQ(uut.look().configuration, names{"saker.toml (changed)"});
  EXPECT_EQ(to_lines(uut.look()).others,
            names{"not in force: saker.toml (changed): it counts when Saker "
                  "starts anew"});
  std::filesystem::remove(path("saker.toml"));
  EXPECT_EQ(uut.look().configuration, names{"saker.toml (gone)"});
  put("saker.toml", "x");
  EXPECT_EQ(uut.look(), drift_report{});
}

TEST_F(drift_test, a_configuration_that_never_was_is_none) {
  std::filesystem::remove(path("saker.toml"));
  drift_check uut{{path("services"), path("state"), path("saker.toml"), ""}};
  EXPECT_EQ(uut.look(), drift_report{});
  drift_check nameless{{path("services"), path("state"), {}, ""}};
  EXPECT_EQ(nameless.look(), drift_report{});
}

TEST_F(drift_test, what_was_never_applied_is_no_drift) {
  std::filesystem::remove_all(path("state"));
  auto uut = make();
  EXPECT_EQ(uut.look(), drift_report{});
}

TEST_F(drift_test, a_file_that_cannot_be_used_is_not_gone) {
  std::filesystem::permissions(path("services/a.lua"),
                               std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  auto uut = make();
  EXPECT_EQ(uut.look(), drift_report{});
}

TEST(listed_test, names_five) {
  EXPECT_EQ(listed({"a", "b"}), "a, b");
  EXPECT_EQ(listed({"a", "b", "c", "d", "e"}), "a, b, c, d, e");
  EXPECT_EQ(listed({"a", "b", "c", "d", "e", "f", "g"}),
            "a, b, c, d, e and 2 more");
}

TEST_F(drift_test, names_parameters_that_were_kept_beside_the_configuration) {
  auto uut = make();
  EXPECT_TRUE(uut.look().overrides.empty());
  put("state/overrides.toml", "[redis]\ntimeout = \"5\"\n");
  EXPECT_EQ(uut.look().overrides, std::vector<std::string>{"timeout"});
  EXPECT_EQ(uut.look().count(), 0u);
  EXPECT_EQ(to_lines(uut.look()).others,
            std::vector<std::string>{
              "not as in saker.toml: timeout: overrides.toml, which CONFIG "
              "REWRITE wrote, says otherwise"});
}

} // namespace
} // namespace saker

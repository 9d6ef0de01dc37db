#include "actors/overrides.hpp"

#include "actors/applied.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/temporary_directory.hpp"

namespace saker {
namespace {

class overrides_actor_test : public test::actor_test {
protected:
  bool
  keep(const std::filesystem::path& where, const config::override_list& what) {
    auto uut = spawn(overrides, where);
    auto done = ask<bool>(uut, atom::change_v, what);
    return done && *done;
  }

  test::temporary_directory dir;
};

TEST_F(overrides_actor_test, replaces_what_was_kept_and_removes_an_empty_one) {
  auto file = dir.path() / "overrides.toml";
  EXPECT_TRUE(keep(file, {{"timeout", "5"}}));
  EXPECT_TRUE(keep(file, {{"hz", "11"}}));
  auto text = read_trusted(file);
  ASSERT_TRUE(text);
  EXPECT_EQ(config::overridden_names(*text), std::vector<std::string>{"hz"});
  EXPECT_TRUE(keep(file, {}));
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_TRUE(keep(file, {}));
}

TEST_F(overrides_actor_test, says_when_it_cannot_be_kept) {
  EXPECT_FALSE(keep(dir.path() / "no" / "such", {{"timeout", "5"}}));
}

} // namespace
} // namespace saker

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
    auto uut = spawn(overrides, where, dir.path() / "live.toml");
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

TEST_F(overrides_actor_test, writes_down_that_nothing_differs_any_more) {
  auto live = dir.path() / "live.toml";
  auto uut = spawn(overrides, dir.path() / "overrides.toml", live);
  config::override_list what = {{"port", "7"}};
  EXPECT_TRUE(ask<bool>(uut, atom::apply_v, what));
  EXPECT_EQ(config::overridden_names(*read_trusted(live)),
            std::vector<std::string>{"port"});
  EXPECT_TRUE(ask<bool>(uut, atom::apply_v, config::override_list{}));
  EXPECT_TRUE(config::overridden_names(*read_trusted(live)).empty());
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "overrides.toml"));
  auto nowhere = dir.path() / "no" / "live.toml";
  uut = spawn(overrides, dir.path() / "overrides.toml", nowhere);
  EXPECT_FALSE(ask<bool>(uut, atom::apply_v, what));
}

TEST_F(overrides_actor_test, says_when_it_cannot_be_kept) {
  EXPECT_FALSE(keep(dir.path() / "no" / "such", {{"timeout", "5"}}));
}

} // namespace
} // namespace saker

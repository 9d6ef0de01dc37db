#include "supervision/ad_hoc.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

TEST(ad_hoc_test, is_done_after_exit_0_and_else_failed) {
  auto x = ad_hoc_service("job", {"make", "all"}, "amy");
  ASSERT_TRUE(x);
  using action = decision::action;
  auto& exit = (*x)->exit;
  EXPECT_EQ(exit.judge(cause::exited(0)).then.what, action::done);
  EXPECT_EQ(exit.judge(cause::exited(1)).then.what, action::fatal);
  EXPECT_EQ(exit.judge(cause::signaled(9)).then.what, action::fatal);
  EXPECT_EQ((*x)->where.file, "SVRUN by amy");
  EXPECT_FALSE((*x)->counted);
}

TEST(ad_hoc_test, says_what_is_wrong) {
  auto why = [](const std::string& name, std::vector<std::string> argv) {
    auto x = ad_hoc_service(name, std::move(argv), "amy");
    return x ? std::string{} : x.error().detail;
  };
  EXPECT_EQ(why("a b", {"x"}).substr(0, 21), "\"a b\" is not a name: ");
  EXPECT_EQ(why("WAIT", {"x"}),
            "\"WAIT\" is a word of the commands: take another name");
  EXPECT_EQ(why("job", {}), "a program is missing behind the name");
  EXPECT_EQ(why("job", {""}), "a program is missing behind the name");
  EXPECT_EQ(why("job", {"x", std::string{"a\0b", 3}}).substr(0, 41),
            "a word of the command contains a zero byt");
  EXPECT_NE(why("job", {"x", std::string(200'000, 'x')}), "");
}

TEST(ad_hoc_test, is_remembered_word_by_word) {
  auto x = *ad_hoc_service("job", {"sh", "-c", "", "a b\n"}, "amy");
  auto kept = to_setting(*x, "amy", 7);
  EXPECT_EQ(kept.what, setting::topic::command);
  EXPECT_EQ(kept.at, 7);
  auto back = from_setting(kept);
  ASSERT_TRUE(back);
  EXPECT_EQ(**back, *x);
  kept.text.clear();
  EXPECT_FALSE(from_setting(kept));
}

} // namespace
} // namespace saker::supervision

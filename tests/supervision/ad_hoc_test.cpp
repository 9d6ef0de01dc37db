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

TEST(ad_hoc_test, takes_options_before_the_command) {
  auto x = ad_hoc_service("job",
                          {"--user", "bob", "--umask", "027", "--dir", "/srv",
                           "--pidfile", "/run/job.pid", "--log", "/var/job",
                           "--", "--make", "--user", "x"},
                          "amy");
  ASSERT_TRUE(x) << x.error().detail;
  EXPECT_EQ((*x)->user, "bob");
  EXPECT_EQ((*x)->umask, 027u);
  EXPECT_EQ((*x)->dir, "/srv");
  EXPECT_EQ((*x)->pidfile, "/run/job.pid");
  EXPECT_EQ((*x)->log->file, "/var/job");
  EXPECT_EQ((*x)->exec, (std::vector<std::string>{"--make", "--user", "x"}));
  auto back = from_setting(to_setting(**x, "amy", 7));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(**back, **x);
  EXPECT_EQ((*ad_hoc_service("job", {"--", "x"}, "amy"))->exec,
            std::vector<std::string>{"x"});
}

TEST(ad_hoc_test, says_what_is_wrong_with_an_option) {
  auto why = [](std::vector<std::string> argv) {
    auto x = ad_hoc_service("job", std::move(argv), "amy");
    return x ? std::string{} : x.error().detail;
  };
  EXPECT_NE(why({"--usr", "x", "--", "y"}).find("did you mean \"--user\""),
            std::string::npos);
  EXPECT_EQ(why({"--user"}), "--user needs a value");
  EXPECT_EQ(why({"--user", "", "x"}), "--user needs a value");
  EXPECT_NE(why({"--umask", "8", "x"}).find("octal"), std::string::npos);
  EXPECT_NE(why({"--umask", "7777", "x"}).find("0777"), std::string::npos);
  for (auto option : {"--dir", "--pidfile", "--log"})
    EXPECT_NE(why({option, "x", "y"}).find("absolute path"), std::string::npos);
  EXPECT_EQ(why({"--user", "bob", "--"}),
            "a program is missing behind the name");
}

} // namespace
} // namespace saker::supervision

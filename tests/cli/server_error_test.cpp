#include "cli/server_error.hpp"

#include <gtest/gtest.h>

namespace saker::cli {
namespace {

TEST(server_error_test, the_code_is_for_programs_only) {
  auto x = failure_of("ERR this makes no sense", "SVSTOP");
  EXPECT_EQ(x.code, errc::refused);
  EXPECT_EQ(x.detail, "this makes no sense");
  EXPECT_EQ(failure_of("BUSY too long", "X").detail, "too long");
}

TEST(server_error_test, what_has_no_code_is_shown_whole) {
  EXPECT_EQ(failure_of("No such thing", "X").detail, "No such thing");
  EXPECT_EQ(failure_of("ERR", "X").detail, "ERR");
  EXPECT_EQ(failure_of("", "X").detail, "");
}

TEST(server_error_test, an_unknown_command_says_whose_fault_it_is) {
  auto x = failure_of("ERR unknown command 'svlog', with args beginning with: "
                      "'a' ",
                      "svlog");
  EXPECT_EQ(x.code, errc::unsupported);
  EXPECT_EQ(x.detail, "this Saker has no SVLOG (it says: unknown command "
                      "'svlog'); `saker exec help` lists what it has");
}

TEST(server_error_test, who_may_not_is_told_what_to_do) {
  auto x = failure_of("NOPERM this user may not", "SVSTOP");
  EXPECT_EQ(x.code, errc::not_permitted);
  EXPECT_EQ(x.detail, "this user may not; be somebody else with "
                      "SAKER_URL=redis://USER:PASSWORD@HOST:PORT, or type it "
                      "as root");
}

TEST(server_error_test, codes_have_meanings) {
  EXPECT_EQ(failure_of("LOADING wait", "X").code, errc::loading);
  EXPECT_EQ(failure_of("LOADING wait", "X").detail,
            "wait; try again in a moment");
  EXPECT_EQ(failure_of("NOSERVICE no a", "X").code, errc::no_such_service);
  EXPECT_EQ(failure_of("NONODE no n", "X").code, errc::no_such_node);
}

TEST(server_error_test, verbs_stand_for_commands) {
  EXPECT_EQ(in_words_of_cli("no service matches \"x\"; SVSTATUS lists all"),
            "no service matches \"x\"; saker status lists all");
  EXPECT_EQ(in_words_of_cli("SVSTART p1 starts it."),
            "saker start p1 starts it.");
  EXPECT_EQ(in_words_of_cli("nothing was done. Say SVAPPLY … FORCE to do it"),
            "nothing was done. saker apply --force does it");
  EXPECT_EQ(in_words_of_cli("SVGMEMBER * lists"),
            "saker exec SVGMEMBER * lists");
  for (auto text : {"", "SV", "SVX y", "CSVSTART", "SVSTART_1", "a SVG b"})
    EXPECT_EQ(in_words_of_cli(text), text);
}

TEST(server_error_test, what_a_child_wrote_is_escaped) {
  EXPECT_EQ(failure_of("ERR \x1b[31m", "X").detail, "\\x1b[31m");
}

} // namespace
} // namespace saker::cli

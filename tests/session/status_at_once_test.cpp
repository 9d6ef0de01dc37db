// SVSTATUS of one service that needs nobody else.
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

namespace saker::session {
namespace {

/// Knows the service `web` and no other.
settings with_status(int* asked = nullptr) {
  auto x = test::default_settings();
  x.status = [asked](std::string_view name, const moment&, resp::writer out) {
    if (asked)
      ++*asked;
    if (name != "web")
      return false;
    out.simple("known");
    return true;
  };
  return x;
}

TEST(status_at_once_test, answers_what_is_known_and_asks_for_the_rest) {
  test::world w{with_status()};
  EXPECT_EQ(w.feed("SVSTATUS web\r\n"), "+known\r\n");
  EXPECT_EQ(w.feed("SVSTATUS db\r\nPING\r\n"), "$8\r\nSVSTATUS\r\n+PONG\r\n");
  EXPECT_EQ(w.feed("svstatus web\r\nSVSTATUS db\r\nSVSTATUS web\r\n"),
            "+known\r\n$8\r\nSVSTATUS\r\n$8\r\nSVSTATUS\r\n");
}

TEST(status_at_once_test, is_about_one_service_and_nothing_else) {
  int asked = 0;
  test::world w{with_status(&asked)};
  for (auto line : {"SVSTATUS", "SVSTATUS web db", "SVSTATUS web JSON",
                    "SVWHY web", "SVGSTATUS web"})
    EXPECT_NE(w.feed(std::string{line} + "\r\n"), "+known\r\n") << line;
  EXPECT_EQ(asked, 0);
}

TEST(status_at_once_test, comes_behind_what_is_under_way) {
  int asked = 0;
  test::world w{with_status(&asked)};
  w.answers = false;
  EXPECT_EQ(w.feed("SVSTART web\r\nSVSTATUS web\r\n"), "");
  EXPECT_EQ(asked, 0);
  w.answers = true;
  EXPECT_EQ(w.carry_on(), "$7\r\nSVSTART\r\n$8\r\nSVSTATUS\r\n");
  EXPECT_EQ(w.feed("SVSTATUS web\r\n"), "+known\r\n");
  EXPECT_EQ(w.feed("MULTI\r\nSVSTART web\r\nSVSTATUS web\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$7\r\nSVSTART\r\n$8\r\n"
            "SVSTATUS\r\n");
  EXPECT_EQ(asked, 1);
}

TEST(status_at_once_test, is_refused_like_any_other) {
  int asked = 0;
  auto config = with_status(&asked);
  test::set_user(config, "bob", {"on", "nopass", "+@all", "-svstatus", "~*"});
  test::set_user(config, "ann", {"on", "nopass", "+@all", "~service:w*"});
  test::world w{config};
  w.feed("AUTH bob x\r\n");
  EXPECT_TRUE(w.feed("SVSTATUS web\r\n").starts_with("-NOPERM"));
  // Whom some services are hidden from, the ROSTER tells what he may see.
  w.feed("AUTH ann x\r\n");
  EXPECT_EQ(w.feed("SVSTATUS web\r\n"), "$8\r\nSVSTATUS\r\n");
  EXPECT_EQ(asked, 0);
  bool loads = true;
  config.loading = [&loads](resp::target) { return loads; };
  test::world early{config};
  EXPECT_TRUE(early.feed("SVSTATUS web\r\n").starts_with("-LOADING"));
  loads = false;
  EXPECT_EQ(early.feed("SVSTATUS web\r\n"), "+known\r\n");
}

TEST(status_at_once_test, is_silent_for_who_wants_no_replies) {
  test::world w{with_status()};
  EXPECT_EQ(w.feed("CLIENT REPLY OFF\r\nSVSTATUS web\r\nSVSTATUS db\r\n"
                   "CLIENT REPLY ON\r\n"),
            "+OK\r\n");
  EXPECT_EQ(w.feed("SVSTATUS web\r\n"), "+known\r\n");
}

TEST(status_at_once_test, counts_as_a_call) {
  command_statistics statistics;
  test::world w{with_status()};
  w.uut.count_in(statistics);
  w.feed("SVSTATUS web\r\nSVSTATUS web\r\nSVSTATUS db\r\nPING\r\n");
  EXPECT_EQ(statistics.figures(resp::command_id::svstatus).calls, 3u);
}

} // namespace
} // namespace saker::session

#include "supervision/ladder.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace saker::supervision {
namespace {

using namespace std::chrono_literals;
using step = ladder::step;

TEST(ladder_test, is_read_rung_by_rung) {
  auto uut = parse_ladder("TERM 2s  QUIT 1s KILL");
  ASSERT_TRUE(uut);
  EXPECT_EQ(uut->steps, (std::vector<step>{{step::kind::signal, SIGTERM, {}},
                                           {step::kind::wait, 0, 2s},
                                           {step::kind::signal, SIGQUIT, {}},
                                           {step::kind::wait, 0, 1s},
                                           {step::kind::signal, SIGKILL, {}}}));
  EXPECT_EQ(uut->length(), 3s);
}

TEST(ladder_test, takes_signals_with_and_without_sig) {
  EXPECT_EQ(*parse_ladder("SIGINT 60s SIGKILL"), *parse_ladder("INT 60s KILL"));
  EXPECT_EQ(to_string(*parse_ladder("SIGINT 1m SIGKILL")), "INT 1m KILL");
}

TEST(ladder_test, refuses_what_makes_no_sense) {
  auto why = [](std::string_view x) {
    auto uut = parse_ladder(x);
    return uut ? "accepted" : uut.error().detail;
  };
  auto hint = std::string{"; write signals and waits, for example "
                          "\"TERM 10s KILL\""};
  auto bad = [&](std::string x, std::string reason) {
    EXPECT_EQ(why(x), "\"" + x + "\" is not a stop ladder: " + reason + hint);
  };
  bad("", "it is empty");
  bad("10s KILL", "it begins with a wait");
  bad("TERM 1s 2s", "two waits follow each other");
  bad("TREM 10s", "there is no signal \"TREM\" (did you mean \"TERM\"?)");
  bad("TERM 10 KILL", "\"10\" is not a wait of at most 24h");
  bad("TERM 25h KILL", "\"25h\" is not a wait of at most 24h");
}

TEST(ladder_test, of_a_command_is_for_the_keeper_without_it) {
  auto uut = command_ladder({"/sbin/stop"});
  EXPECT_EQ(uut.steps.front().what, step::kind::command);
  EXPECT_EQ(uut.command, std::vector<std::string>{"/sbin/stop"});
  EXPECT_EQ(to_string(uut), "TERM 10s KILL");
}

} // namespace
} // namespace saker::supervision

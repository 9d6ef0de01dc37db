#include "supervision/ladder.hpp"

#include "process/ladder.hpp"

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

TEST(ladder_test, is_told_to_the_keeper_as_it_is_read) {
  for (auto text : {"INT 1m KILL", "TERM 10s", "USR1 TERM 1s KILL"})
    EXPECT_EQ(to_string(*parse_ladder(text)), text);
}

TEST(ladder_test, of_the_process_layer_says_what_is_wrong) {
  auto uut = parse_ladder("TERM 10 KILL");
  ASSERT_FALSE(uut);
  EXPECT_EQ(uut.error().detail,
            process::parse_ladder("TERM 10 KILL").error().detail);
}

TEST(ladder_test, of_a_command_is_for_the_keeper_without_it) {
  auto uut = command_ladder({"/sbin/stop"});
  EXPECT_EQ(uut.steps.front().what, step::kind::command);
  EXPECT_EQ(uut.command, std::vector<std::string>{"/sbin/stop"});
  EXPECT_EQ(to_string(uut), "TERM 10s KILL");
}

} // namespace
} // namespace saker::supervision

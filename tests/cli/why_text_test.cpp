#include "cli/why_text.hpp"

#include <gtest/gtest.h>

namespace saker::cli {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;

TEST(why_text_test, says_all_that_is_known) {
  service_row x;
  x.name = "bad";
  x.state = "backoff";
  x.wanted_up = true;
  x.wanted_by = "ann";
  x.since = 10s;
  x.restarts = 5;
  x.restarts_1h = 2;
  x.last_exit = "exit 3";
  x.reason = "exit 3 after 2ms";
  x.next = "restart in 12s";
  x.where = "a.lua:3";
  status_notes notes{
    {}, {{"bad", {"why  exit 3", "out  no data base", "log  /x/bad.log"}}}};
  EXPECT_EQ(why_text(x, notes, {75s, 2s}),
            (texts{"bad: backoff for 00:01:05", "  wanted     up, by ann",
                   "  reason     exit 3 after 2ms", "  last exit  exit 3",
                   "  next       restart in 10s",
                   "  restarts   5, 2 in the last hour", "  defined    a.lua:3",
                   "  out        no data base", "  log        /x/bad.log"}));
}

TEST(why_text_test, leaves_out_what_nobody_knows) {
  service_row x;
  x.name = "web";
  x.state = "running";
  x.ready = true;
  x.pid = 7;
  EXPECT_EQ(why_text(x, {}, {}),
            (texts{"web: running for 00:00:00, pid 7, ready",
                   "  wanted     down, by its definition",
                   "  restarts   0, 0 in the last hour"}));
  x.ready = false;
  EXPECT_EQ(why_text(x, {}, {}).front(),
            "web: running for 00:00:00, pid 7, not ready");
}

TEST(why_text_test, a_child_cannot_colour_it) {
  service_row x;
  x.name = "web";
  x.reason = "\x1b[31m";
  EXPECT_EQ(why_text(x, {}, {})[2], "  reason     \\x1b[31m");
}

} // namespace
} // namespace saker::cli

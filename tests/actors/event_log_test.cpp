#include "actors/event_log.hpp"

#include <gtest/gtest.h>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;
using level = link::log_level;
using lines = std::vector<log_entry>;

const time_point now{1h};
const instance web{"web", 1, true};

effect::publish entered(state x, std::string reason = {}) {
  effect::publish what;
  what.name = to_string(x);
  what.to = x;
  what.reason = std::move(reason);
  return what;
}

TEST(event_log_test, tells_a_restart_to_come_and_when) {
  auto x = entered(state::backoff, "SIGSEGV after 14s");
  x.next_at = now + 1s + 1ns;
  EXPECT_EQ(
    log_lines(web, x, now),
    (lines{{level::warning, "web:1: SIGSEGV after 14s; restart in 1s1ms"}}));
}

TEST(event_log_test, tells_a_restart_that_happens_at_once) {
  effect::publish x;
  x.name = "exit";
  x.to = state::starting;
  x.reason = "exit 1 after 20ms";
  EXPECT_EQ(
    log_lines(web, x, now),
    (lines{{level::warning, "web:1: exit 1 after 20ms; started again"}}));
  x.to = state::backoff; // that is told by its own event
  EXPECT_EQ(log_lines(web, x, now), lines{});
}

TEST(event_log_test, makes_no_fuss_about_an_end_that_was_asked_for) {
  effect::publish x;
  x.name = "exit";
  x.from = state::stopping;
  x.to = state::starting;
  x.reason = "SIGTERM after 2s";
  x.orphans = 1; // the rest of its tree
  EXPECT_EQ(log_lines(web, x, now),
            (lines{{level::notice, "web:1: SIGTERM after 2s; started again"}}));
}

TEST(event_log_test, warns_of_a_start_that_took_too_long) {
  effect::publish x;
  x.name = "exit";
  x.from = state::stopping;
  x.to = state::starting;
  x.why.what = cause::kind::timeout;
  x.reason = "its daemon was not found: nobody";
  EXPECT_EQ(log_lines(web, x, now),
            (lines{{level::warning, "web:1: its daemon was not found: nobody; "
                                    "started again"}}));
}

TEST(event_log_test, tells_failures_as_errors) {
  EXPECT_EQ(log_lines(web, entered(state::failed, "exec ./api: ENOENT"), now),
            (lines{{level::error, "web:1: failed: exec ./api: ENOENT"}}));
  auto x = entered(state::resting, "more than 5 unexpected ends in 30s");
  x.next_at = now + 5min;
  EXPECT_EQ(log_lines(web, x, now),
            (lines{{level::error, "web:1: resting: more than 5 unexpected ends "
                                  "in 30s; one more try in 5m"}}));
}

TEST(event_log_test, tells_wanted_ends_quietly) {
  EXPECT_EQ(log_lines(web, entered(state::stopped, "stopped by amy"), now),
            (lines{{level::notice, "web:1: stopped by amy"}}));
  auto x = entered(state::done);
  x.why = cause::exited(0);
  EXPECT_EQ(log_lines(web, x, now),
            (lines{{level::notice, "web:1: done: exit 0"}}));
}

TEST(event_log_test, shows_a_reason_whole_and_as_it_is) {
  auto path = "\"/srv/\xc3\xa4/" + std::string(1000, 'x') + '"';
  auto said = log_lines(web, entered(state::failed, "exec " + path), now);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].text, "web:1: failed: exec " + path);
}

TEST(event_log_test, keeps_usual_steps_for_those_who_debug) {
  auto x = entered(state::running);
  x.pid = 42;
  EXPECT_EQ(log_lines(web, x, now),
            (lines{{level::debug, "web:1: running, pid 42"}}));
}

TEST(event_log_test, tells_who_was_left_behind_and_why_that_may_be) {
  effect::publish x;
  x.name = "exit";
  x.to = state::done;
  x.why = cause::exited(0);
  x.orphans = 1;
  auto said = log_lines(web, x, now);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].level, level::warning);
  EXPECT_EQ(said[0].text,
            "web:1: left 1 process behind, which was killed; a program that "
            "goes into the background needs its foreground option");
  x.why = cause::signaled(9, false);
  x.orphans = 2;
  EXPECT_EQ(log_lines(web, x, now)[0].text,
            "web:1: left 2 processes behind, which were killed");
}

} // namespace
} // namespace saker

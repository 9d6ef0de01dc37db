#include "tests/supervision/machine_driver.hpp"

#include <gtest/gtest.h>

namespace saker::supervision {
namespace {

using namespace test;

/// What `every`, `cron` and `overlap` do. The driver begins at 1 000 000 s
/// after 1970, which is 13:46:40 UTC on 12 January.
class machine_schedule_test : public testing::Test, protected machine_driver {
protected:
  using rule = schedule::overlap_rule;

  static service timed(duration every, rule overlap = rule::skip) {
    auto x = plain();
    x.when.every = every;
    x.when.overlap = overlap;
    return x;
  }

  static service by_clock(const char* text, rule overlap = rule::skip) {
    auto x = plain();
    x.when.at = {text, *cron::parse(text)};
    x.when.overlap = overlap;
    return x;
  }

  /// A new node on a new machine.
  void boot(service x) {
    make(std::move(x));
    wake();
  }

  void change_to(const service& x, bool restart = false) {
    tell(event::change{std::make_shared<const service>(x), restart});
  }

  /// Up, and down again after `length`.
  void run(duration length = 1s, cause why = cause::exited(0)) {
    spawned();
    advance(length);
    ends(why);
  }
};

// -- every ---------------------------------------------------------------------

TEST_F(machine_schedule_test, every_counts_from_start_to_start) {
  boot(timed(5min));
  ASSERT_EQ(spawns.size(), 1u); // the first one at once
  run(20s);
  EXPECT_EQ(at(), state::waiting);
  EXPECT_EQ(next(), "run in 4m40s");
  EXPECT_EQ(look().reason, "exit 0 after 20s");
  EXPECT_EQ(said.back(), "waiting");
  advance(4min + 39s);
  EXPECT_EQ(spawns.size(), 1u);
  advance(1s);
  EXPECT_EQ(spawns.size(), 2u);
  EXPECT_EQ(look().restarts, 0u);
  EXPECT_EQ(look().in_budget, 0u);
}

TEST_F(machine_schedule_test, a_run_that_takes_too_long_leaves_times_out) {
  boot(timed(1min));
  run(2min + 30s);
  EXPECT_EQ(next(), "run in 30s");
}

TEST_F(machine_schedule_test, a_time_that_was_missed_is_queued_once) {
  boot(timed(1min, rule::queue));
  run(3min + 30s);
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(spawns.size(), 2u);
  run(10s);
  EXPECT_EQ(at(), state::waiting);
  EXPECT_EQ(next(), "run in 50s");
}

TEST_F(machine_schedule_test, kill_makes_room_for_the_next_run) {
  boot(timed(1min, rule::kill));
  spawned();
  EXPECT_EQ(next(), "restart in 1m");
  advance(1min);
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(look().reason, "it still ran when its next time came");
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(look().in_budget, 0u);
}

// -- how a run ends ------------------------------------------------------------

TEST_F(machine_schedule_test, a_failure_follows_the_exit_table) {
  boot(timed(1h));
  run(1s, cause::exited(1));
  EXPECT_EQ(at(), state::starting); // the first restart is at once
  EXPECT_EQ(look().in_budget, 1u);
  run(1s, cause::exited(1));
  EXPECT_EQ(at(), state::backoff);
  advance(1s);
  run(1s);
  EXPECT_EQ(at(), state::waiting);
  auto x = timed(1h);
  x.exit.set("3", {decision::action::fatal, {}});
  x.exit.set("4", {decision::action::done, {}});
  boot(x);
  run(1s, cause::exited(4));
  EXPECT_EQ(at(), state::waiting);
  start();
  run(1s, cause::exited(3));
  EXPECT_EQ(at(), state::failed);
}

TEST_F(machine_schedule_test, what_is_said_of_exit_0_counts) {
  auto x = timed(1h);
  x.exit.set("0", {decision::action::fatal, {}});
  boot(x);
  run();
  EXPECT_EQ(at(), state::failed);
}

// -- commands ------------------------------------------------------------------

TEST_F(machine_schedule_test, a_start_runs_it_now_and_the_schedule_goes_on) {
  boot(by_clock("0 * * * *"));
  EXPECT_EQ(at(), state::waiting);
  EXPECT_EQ(next(), "run in 13m20s");
  start(1);
  run(1s);
  EXPECT_EQ(answers.at(1).code, outcome::done);
  EXPECT_EQ(at(), state::waiting);
  EXPECT_EQ(next(), "run in 13m19s");
}

TEST_F(machine_schedule_test, a_short_run_is_a_start_that_succeeded) {
  boot(by_clock("0 * * * *"));
  start(1);
  start(2, 10s);
  run(5ms);
  EXPECT_EQ(answers.at(1).code, outcome::done);
  EXPECT_EQ(answers.at(2).code, outcome::done);
  EXPECT_EQ(answers.at(1).text.find("waiting: exit 0 after 5ms, run in"), 0u)
    << answers.at(1).text;
}

TEST_F(machine_schedule_test, a_stop_ends_the_schedule) {
  boot(by_clock("0 * * * *"));
  stop();
  EXPECT_EQ(at(), state::stopped);
  advance(3h);
  EXPECT_TRUE(spawns.empty());
}

// -- cron ----------------------------------------------------------------------

TEST_F(machine_schedule_test, cron_waits_for_its_time) {
  boot(by_clock("0 14 * * *"));
  EXPECT_TRUE(spawns.empty());
  EXPECT_EQ(said, (strings{"waiting"}));
  advance(13min + 19s);
  EXPECT_TRUE(spawns.empty());
  advance(1s);
  EXPECT_EQ(spawns.size(), 1u);
  run(1min);
  EXPECT_EQ(next(), "run in 23h59m");
}

TEST_F(machine_schedule_test, cron_leaves_out_what_passes_while_it_runs) {
  boot(by_clock("*/10 * * * *"));
  advance(3min + 20s);
  run(25min);
  EXPECT_EQ(next(), "run in 5m");
}

TEST_F(machine_schedule_test, cron_queues_one_that_passed_while_it_ran) {
  boot(by_clock("*/10 * * * *", rule::queue));
  advance(3min + 20s);
  run(25min);
  EXPECT_EQ(spawns.size(), 2u);
  run(1s);
  EXPECT_EQ(at(), state::waiting);
}

TEST_F(machine_schedule_test, a_clock_set_forward_over_a_time_brings_one_run) {
  boot(by_clock("0 * * * *"));
  clock_set = 5h;
  advance(1min); // how often the clock is looked at
  EXPECT_EQ(spawns.size(), 1u);
  run(1s);
  EXPECT_EQ(at(), state::waiting);
  EXPECT_EQ(spawns.size(), 1u);
  EXPECT_EQ(next(), "run in 12m19s");
}

TEST_F(machine_schedule_test, a_clock_set_a_little_forward_comes_earlier) {
  boot(by_clock("0 14 * * *"));
  clock_set = 10min;
  advance(1min);
  EXPECT_EQ(next(), "run in 2m20s");
}

TEST_F(machine_schedule_test, a_clock_set_back_a_little_brings_no_second_run) {
  boot(by_clock("0 14 * * *"));
  advance(13min + 20s);
  run(1s);
  clock_set = -1h;
  advance(1min);
  EXPECT_EQ(next(), "run in 1d58m");
}

TEST_F(machine_schedule_test, a_clock_set_back_by_days_counts_again) {
  boot(by_clock("0 14 * * *"));
  advance(13min + 20s);
  run(1s);
  clock_set = -48h;
  advance(1min);
  EXPECT_EQ(next(), "run in 23h58m");
}

// -- changes and deaths --------------------------------------------------------

TEST_F(machine_schedule_test, another_schedule_counts_at_once) {
  boot(timed(1h));
  run(1min);
  change_to(timed(10min));
  EXPECT_EQ(next(), "run in 9m");
  change_to(by_clock("50 13 * * *"));
  EXPECT_EQ(next(), "run in 2m20s");
  EXPECT_EQ(spawns.size(), 1u);
  change_to(plain()); // an ordinary service is up
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(spawns.size(), 2u);
}

TEST_F(machine_schedule_test, another_program_waits_for_its_time_too) {
  boot(timed(1h));
  run(1min);
  auto x = timed(1h);
  x.exec = {"/bin/other"};
  change_to(x, true);
  EXPECT_EQ(at(), state::waiting);
  EXPECT_EQ(next(), "run in 59m");
  x.when = {};
  x.exec = {"/bin/third"};
  change_to(x, true);
  EXPECT_EQ(spawns.size(), 2u); // once
}

TEST_F(machine_schedule_test, what_is_done_waits_for_a_schedule_it_is_given) {
  auto x = plain();
  x.exit = *exit_table::named("transient");
  boot(x);
  run(1s);
  EXPECT_EQ(at(), state::done);
  x.when.every = 1h;
  change_to(x);
  EXPECT_EQ(at(), state::waiting);
}

TEST_F(machine_schedule_test, the_next_time_survives_the_node) {
  boot(by_clock("0 14 * * *"));
  memory x;
  x.kept = kept;
  make(by_clock("0 14 * * *"));
  advance(5min);
  wake(x);
  EXPECT_EQ(at(), state::waiting);
  EXPECT_EQ(next(), "run in 8m20s");
  make(by_clock("0 14 * * *"));
  advance(1h); // no node was there at 14:00
  wake(x);
  advance(0s);
  EXPECT_EQ(spawns.size(), 1u);
  make(timed(1h));
  x.kept->deadline = now + 10min;
  wake(x);
  EXPECT_EQ(next(), "run in 10m");
}

TEST_F(machine_schedule_test, waits_for_its_after_before_the_next_time) {
  auto x = timed(1min);
  x.after.commands = {{"/bin/clean"}};
  boot(x);
  run(20s);
  EXPECT_EQ(at(), state::stopping);
  advance(10s);
  hook_ends();
  EXPECT_EQ(at(), state::waiting);
  EXPECT_EQ(next(), "run in 30s");
}

} // namespace
} // namespace saker::supervision

#include "tests/supervision/machine_driver.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace saker::supervision {
namespace {

using namespace test;

/// What `before`, `after` and `on_failed` do.
class machine_hooks_test : public testing::Test, protected machine_driver {
protected:
  void with(const std::function<void(service&)>& change) {
    auto x = plain();
    change(x);
    make(std::move(x));
  }

  static hook commands(duration within = 30s) {
    return {{{"/bin/prepare", "it"}}, within};
  }

  machine_hooks_test() {
    with([](auto& x) { x.before = x.after = commands(); });
  }

  std::string text(ticket x) const {
    auto found = answers.find(x);
    return found == answers.end() ? "no answer" : found->second.text;
  }

  /// Up and running, `before` behind it.
  void bring_up_prepared() {
    start();
    hook_ends();
    spawned();
    advance(1s);
    forget_all();
  }
};

// -- before --------------------------------------------------------------------

TEST_F(machine_hooks_test, a_child_comes_when_before_has_succeeded) {
  start();
  EXPECT_EQ(at(), state::starting);
  EXPECT_TRUE(spawns.empty());
  ASSERT_EQ(hooks.size(), 1u);
  EXPECT_EQ(hooks[0].which, hook_kind::before);
  EXPECT_EQ(hooks[0].within, 30s);
  EXPECT_EQ(look().reason, "before: /bin/prepare it");
  EXPECT_EQ(next(), "limit of before in 31s");
  hook_ends();
  EXPECT_EQ(spawns.size(), 1u);
  EXPECT_EQ(look().reason, "");
  EXPECT_EQ(next(), "start timeout in 31s");
  spawned();
  EXPECT_EQ(at(), state::running);
}

/// Guests read reasons, in SVLIFE, SVWHY and events.
TEST_F(machine_hooks_test, reasons_are_without_secrets) {
  with([](auto& x) {
    x.before.commands = {{"sh", "-c", "./migrate", "--password=hookpw"}};
    x.after.commands = {{"/bin/clean", "--token", "hookpw"}};
  });
  start();
  EXPECT_EQ(look().reason, "before: sh -c ./migrate --password=***");
  hook_ends();
  spawned();
  ends(cause::exited(1));
  EXPECT_EQ(hooks.back().which, hook_kind::after);
  EXPECT_EQ(look().reason, "after: /bin/clean --token ***");
}

TEST_F(machine_hooks_test, a_before_that_fails_is_a_start_that_failed) {
  start(1);
  hook_ends(cause::exited(3), "before: exit 3; last output: no disk");
  EXPECT_TRUE(spawns.empty());
  EXPECT_EQ(look().last, cause::exited(3));
  EXPECT_EQ(said, (strings{"starting", "stopping"})); // never an exit
  EXPECT_EQ(hooks.back().which, hook_kind::after);
  hook_ends();
  EXPECT_EQ(look().in_budget, 1u);
  EXPECT_EQ(answers.at(1).code, outcome::failed);
  EXPECT_NE(text(1).find("before: exit 3; last output: no disk"),
            std::string::npos);
  EXPECT_EQ(hooks.back().which, hook_kind::before); // the first restart
  hook_ends(cause::exited(3), "x");
  hook_ends();
  EXPECT_EQ(at(), state::backoff);
}

TEST_F(machine_hooks_test, the_exit_table_judges_a_before_that_fails) {
  with([](auto& x) {
    x.before = commands();
    x.exit.set("78", {decision::action::fatal, {}});
  });
  start();
  hook_ends(cause::exited(78), "before: exit 78");
  EXPECT_EQ(at(), state::failed);
  EXPECT_EQ(look().reason, "before: exit 78");
  EXPECT_EQ(look().row, "78");
}

TEST_F(machine_hooks_test, a_stop_ends_before_and_starts_nothing) {
  start();
  stop(1, 10s);
  EXPECT_EQ(at(), state::stopping);
  EXPECT_TRUE(signals.empty()); // there is no child
  EXPECT_EQ(killed_hooks, (std::vector{hooks[0].id}));
  EXPECT_EQ(text(1), "no answer");
  hook_ends(cause::signaled(SIGKILL), "before: SIGKILL");
  hook_ends(); // after
  EXPECT_EQ(at(), state::stopped);
  EXPECT_NE(text(1), "no answer");
  EXPECT_TRUE(spawns.empty());
}

TEST_F(machine_hooks_test, a_before_that_ended_well_while_stopping_counts_not) {
  start();
  stop();
  hook_ends();
  hook_ends();
  EXPECT_EQ(at(), state::stopped);
  EXPECT_TRUE(spawns.empty());
}

TEST_F(machine_hooks_test, a_drop_lets_nothing_come_that_is_not_there) {
  start();
  tell(event::drop{});
  EXPECT_EQ(killed_hooks.size(), 1u);
  hook_ends(cause::signaled(SIGKILL), "before: killed");
  hook_ends(); // after
  EXPECT_EQ(at(), state::stopped);
  EXPECT_TRUE(spawns.empty());
}

TEST_F(machine_hooks_test, a_restart_begins_with_before_anew) {
  start();
  auto first = hooks[0].id;
  tell(event::restart{{}, 0, {}, false});
  tell(event::hook_ended{first, cause::signaled(SIGKILL), "x"});
  hook_ends(); // after
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(hooks.back().which, hook_kind::before);
  EXPECT_NE(hooks.back().id, first);
  tell(event::hook_ended{first, {}, {}}); // told late
  EXPECT_TRUE(spawns.empty());
}

TEST_F(machine_hooks_test, a_before_that_nobody_answers_is_given_up) {
  start();
  advance(31s);
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(look().reason, "before: no end within 30s");
  EXPECT_EQ(killed_hooks.size(), 1u);
  hook_ends(cause::signaled(SIGKILL), "before: no end within 30s");
  hook_ends(); // after
  EXPECT_EQ(look().last.what, cause::kind::timeout);
  EXPECT_EQ(look().in_budget, 1u);
}

TEST_F(machine_hooks_test, no_signal_reaches_what_is_no_child) {
  start();
  tell(event::signal{SIGHUP, kill_scope::leader, 1});
  EXPECT_EQ(answers.at(1).code, outcome::refused);
  EXPECT_EQ(text(1), "no process: its before runs");
}

// -- after ---------------------------------------------------------------------

TEST_F(machine_hooks_test, a_stop_is_over_when_after_is) {
  bring_up_prepared();
  stop(1, 60s);
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(look().reason, "after: /bin/prepare it");
  EXPECT_EQ(look().pid, 0);
  ASSERT_EQ(hooks.size(), 1u);
  EXPECT_EQ(hooks[0].why, cause::signaled(SIGTERM));
  EXPECT_EQ(text(1), "no answer");
  hook_ends();
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(look().reason, "stopped by bob");
  EXPECT_EQ(answers.at(1).code, outcome::done);
}

TEST_F(machine_hooks_test, a_restart_waits_for_after) {
  bring_up_prepared();
  ends(cause::exited(1));
  EXPECT_EQ(said, (strings{"exit", "stopping"}));
  EXPECT_TRUE(spawns.empty());
  hook_ends(cause::exited(1), "after fails: so what");
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(look().restarts, 1u);
  EXPECT_EQ(look().in_budget, 1u);
}

TEST_F(machine_hooks_test, a_restart_waits_no_longer_than_the_limit) {
  with([](auto& x) { x.after = commands(5s); });
  bring_up();
  ends(cause::exited(1));
  auto after = hooks[0].id;
  advance(6s);
  EXPECT_EQ(killed_hooks, (std::vector{after}));
  EXPECT_EQ(spawns.size(), 1u);
  tell(event::hook_ended{after, cause::signaled(SIGKILL), "x"}); // late
  EXPECT_EQ(spawns.size(), 1u);
}

TEST_F(machine_hooks_test, a_start_while_after_runs_comes_after_it) {
  bring_up_prepared();
  stop();
  ends(cause::signaled(SIGTERM));
  start();
  EXPECT_EQ(at(), state::stopping);
  hook_ends();
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_hooks_test, a_stop_while_after_runs_is_the_last_word) {
  bring_up_prepared();
  ends(cause::exited(1));
  stop();
  hook_ends();
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(machine_hooks_test, a_finished_job_is_done_after_its_after) {
  with([](auto& x) {
    x.after = commands();
    x.exit = *exit_table::named("transient");
  });
  bring_up();
  advance(1s);
  ends(cause::exited(0));
  EXPECT_EQ(at(), state::stopping);
  hook_ends();
  EXPECT_EQ(at(), state::done);
  EXPECT_EQ(look().reason, "exit 0 after 2s");
}

TEST_F(machine_hooks_test, haste_shortens_after_too) {
  bring_up_prepared();
  tell(event::shutdown{});
  ends(cause::signaled(SIGTERM));
  tell(event::hurry{2s});
  advance(2s);
  EXPECT_EQ(at(), state::stopped);
  EXPECT_EQ(killed_hooks.size(), 1u);
}

TEST_F(machine_hooks_test, an_after_that_died_with_the_node_runs_again) {
  bring_up_prepared();
  ends(cause::exited(1));
  memory x;
  x.kept = kept;
  with([](auto& s) { s.before = s.after = commands(); });
  forget_all();
  wake(x);
  EXPECT_EQ(at(), state::stopping);
  ASSERT_EQ(hooks.size(), 1u);
  EXPECT_EQ(hooks[0].which, hook_kind::after);
  EXPECT_EQ(said, strings{}); // the end was told before
  hook_ends();
  EXPECT_EQ(at(), state::starting);
  EXPECT_EQ(hooks.back().which, hook_kind::before);
}

// -- on_failed -----------------------------------------------------------------

TEST_F(machine_hooks_test, a_failure_runs_on_failed_once) {
  with([](auto& x) {
    x.on_failed = commands(7s);
    x.exit.set("*", {decision::action::fatal, {}});
  });
  bring_up();
  ends(cause::exited(4));
  EXPECT_EQ(at(), state::failed);
  ASSERT_EQ(hooks.size(), 1u);
  EXPECT_EQ(hooks[0].which, hook_kind::on_failed);
  EXPECT_EQ(hooks[0].why, cause::exited(4));
  EXPECT_EQ(hooks[0].reason, "exit 4 after 1s");
  EXPECT_EQ(hooks[0].within, 7s);
  start(); // does not wait for it
  EXPECT_EQ(at(), state::starting);
}

TEST_F(machine_hooks_test, a_spent_budget_runs_on_failed) {
  with([](auto& x) {
    x.on_failed = commands();
    x.budget = *parse_budget("1/1m");
    x.spent.what = spent_rule::action::fatal;
  });
  bring_up();
  ends(cause::exited(1));
  spawned();
  EXPECT_TRUE(hooks.empty());
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::failed);
  ASSERT_EQ(hooks.size(), 1u);
  EXPECT_NE(hooks[0].reason.find("more than 1"), std::string::npos);
}

} // namespace
} // namespace saker::supervision

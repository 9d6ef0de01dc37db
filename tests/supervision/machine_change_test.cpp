#include "supervision/machine.hpp"
#include "tests/supervision/machine_driver.hpp"

#include <cerrno>
#include <csignal>
#include <functional>
#include <memory>

namespace saker::supervision {
namespace {

using namespace test;

class change_test : public machine_fixture {
protected:
  void change(bool restart, std::function<void(service&)> f) {
    auto x = uut->definition();
    f(x);
    tell(event::change{std::make_shared<const service>(x), restart});
  }
};

TEST_F(change_test, a_live_one_leaves_the_child_alone) {
  bring_up();
  change(false, [](auto& x) {
    x.stop = *parse_ladder("INT 1s KILL");
    x.exit.set("1", {decision::action::fatal, {}});
  });
  EXPECT_EQ(at(), state::running);
  EXPECT_TRUE(signals.empty());
  stop();
  EXPECT_EQ(signals.front(), (sent{SIGINT, kill_scope::tree}));
}

TEST_F(change_test, a_live_one_counts_for_the_next_end) {
  bring_up();
  change(false, [](auto& x) {
    x.exit.set("1", {decision::action::fatal, {}});
  });
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::failed);
}

TEST_F(change_test, a_new_budget_counts_what_was_counted_before) {
  bring_up();
  ends(cause::exited(1));
  spawned();
  change(false, [](auto& x) { x.budget = {1, 30s}; });
  ends(cause::exited(1));
  EXPECT_EQ(at(), state::resting);
}

TEST_F(change_test, a_ladder_that_was_begun_is_climbed_to_its_end) {
  bring_up();
  stop();
  change(false, [](auto& x) { x.stop = *parse_ladder("INT"); });
  signals.clear();
  advance(10s);
  EXPECT_EQ(signals, (std::vector<sent>{{SIGKILL, kill_scope::tree}}));
}

TEST_F(change_test, a_hard_one_replaces_the_child) {
  bring_up();
  change(true, [](auto& x) { x.exec = {"/usr/bin/other"}; });
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(uut->definition().exec.front(), "/usr/bin/other");
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::starting);
}

TEST_F(change_test, a_hard_one_gives_a_failed_service_another_chance) {
  start();
  refused("exec", ENOENT);
  change(true, [](auto& x) { x.exec = {"/usr/bin/other"}; });
  EXPECT_EQ(at(), state::starting);
}

TEST_F(change_test, does_not_start_what_was_stopped) {
  bring_up();
  stop();
  ends(cause::signaled(SIGTERM));
  change(true, [](auto& x) { x.exec = {"/usr/bin/other"}; });
  EXPECT_EQ(at(), state::stopped);
}

TEST_F(change_test, while_stopping_does_not_start_it_either) {
  bring_up();
  stop();
  change(true, [](auto& x) { x.exec = {"/usr/bin/other"}; });
  ends(cause::signaled(SIGTERM));
  EXPECT_EQ(at(), state::stopped);
}

} // namespace
} // namespace saker::supervision

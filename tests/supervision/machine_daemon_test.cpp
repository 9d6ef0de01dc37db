#include "supervision/machine.hpp"
#include "tests/supervision/machine_driver.hpp"

#include <csignal>

namespace saker::supervision {
namespace {

using namespace test;

using machine_test = machine_fixture;

TEST_F(machine_test, one_that_is_found_running_is_adopted) {
  start(1);
  tell(event::spawned{uut->spawn_id(), 55, now - 1h, true});
  EXPECT_EQ(said, (strings{"starting", "adopted", "running", "ready"}));
  EXPECT_EQ(look().pid, 55);
  EXPECT_EQ(answers.at(1).code, outcome::done); // it has lived long enough
}

TEST_F(machine_test, a_daemon_goes_on_as_another_process) {
  bring_up();
  tell(event::moved{uut->spawn_id() + 1, 66, {}}); // another child's
  EXPECT_NE(look().pid, 66);
  tell(event::moved{uut->spawn_id(), 77, now - 1s});
  EXPECT_EQ(look().pid, 77);
  EXPECT_EQ(look().started, now - 1s);
  EXPECT_EQ(said, strings{"adopted"});
  EXPECT_EQ(told[0].pid, 77);
  EXPECT_EQ(at(), state::running);
  stop();
  ends(cause::exited(0));
  tell(event::moved{uut->spawn_id(), 88, {}});
  EXPECT_EQ(look().pid, 0);
}

TEST_F(machine_test, a_daemon_that_does_not_come_up_says_why) {
  start();
  tell(event::absent{uut->spawn_id() + 1, "another one"});
  EXPECT_EQ(at(), state::starting);
  tell(event::absent{uut->spawn_id(), "no such file"});
  EXPECT_EQ(at(), state::stopping);
  EXPECT_EQ(signals, (std::vector<sent>{{SIGKILL, kill_scope::tree}}));
  ends(cause::exited(0));
  EXPECT_EQ(look().last.what, cause::kind::timeout);
  EXPECT_EQ(event_named("exit").reason, "no such file");
}

TEST_F(machine_test, t_c2_one_that_goes_into_the_background_is_not_run_twice) {
  auto leave = [this](int code, std::uint32_t ended, std::uint32_t spared,
                      duration after) {
    make(plain());
    wake();
    spawned();
    advance(after);
    tell(event::exited{
      uut->spawn_id(), cause::exited(code), {++ids, 0}, {}, ended, spared});
    return at();
  };
  EXPECT_EQ(leave(0, 2, 0, 50ms), state::failed);
  EXPECT_EQ(look().reason,
            "exit 0 after 50ms: daemonised: it left 2 behind, which were "
            "ended; declare daemon = {pidfile = \"…\"} or {match = \"…\"}, or "
            "use its foreground option");
  EXPECT_EQ(leave(0, 0, 1, 50ms), state::failed);
  EXPECT_NE(look().reason.find("it left 1 running;"), std::string::npos);
  EXPECT_EQ(leave(0, 0, 0, 50ms), state::starting);
  EXPECT_EQ(leave(1, 2, 0, 50ms), state::starting); // it crashed
  EXPECT_EQ(leave(0, 2, 0, 10s), state::starting);  // it worked
}

TEST_F(machine_test, t_c2_what_is_done_after_it_left_something_is_done) {
  auto x = plain();
  x.exit = *exit_table::named("transient");
  make(x);
  wake();
  spawned();
  tell(event::exited{uut->spawn_id(), cause::exited(0), {++ids, 0}, {}, 1, 0});
  EXPECT_EQ(at(), state::done);
}

} // namespace
} // namespace saker::supervision

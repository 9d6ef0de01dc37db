#include "process/pidfile.hpp"
#include "process/spawn.hpp"
#include "process/spawn_hint.hpp"
#include "tests/process/spawn_world.hpp"

#include <cstdlib>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace saker::process {
namespace {

using namespace test;
using testing::ElementsAre;

using spawn_test = spawn_world;

TEST_F(spawn_test, t_c9_adds_the_locked_pidfile_and_nothing_else) {
  auto what = shell(stop);
  what.pidfile = dir / "child.pid";
  auto& child = run_to_stop(what);
  auto fds = open_fds(std::to_string(child.pid));
  EXPECT_THAT(numbers(fds), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(fds[3], what.pidfile);
}

TEST_F(spawn_test, replaces_what_a_stale_pidfile_says) {
  ASSERT_EQ(std::system(("echo 99999999 > " + (dir / "p")).c_str()), 0);
  auto what = shell(stop);
  what.pidfile = dir / "p";
  auto& child = run_to_stop(what);
  EXPECT_EQ(read_proc(what.pidfile), std::to_string(child.pid) + "\n");
  struct stat about = {};
  ASSERT_EQ(::stat(what.pidfile.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0644u);
}

TEST_F(spawn_test, holds_the_lock_of_the_pidfile_as_others_see_it) {
  auto what = shell(stop);
  what.pidfile = dir / "child.pid";
  auto& child = run_to_stop(what);
  auto holder = lock_holder(what.pidfile);
  ASSERT_TRUE(holder);
  EXPECT_EQ(*holder, child.pid);
  // Nobody else gets it, and the failure says so.
  EXPECT_EQ(failure_of(what),
            (spawn_failure{spawn_step::pidfile_lock, EAGAIN, what.pidfile,
                           holder_of_lock(child.pid)}));
  EXPECT_EQ(*lock_holder(what.pidfile), *holder);
  signal_process(child.pidfd.get(), SIGKILL);
  ASSERT_TRUE(await_end(child.pidfd.get()));
  child.pidfd.reset();
  EXPECT_EQ(*lock_holder(what.pidfile), std::nullopt);
}

TEST_F(spawn_test, does_not_cost_the_parent_its_own_locks) {
  auto path = dir / "instance";
  auto lock = instance_lock::acquire(path, {});
  ASSERT_TRUE(lock);
  auto what = shell(stop);
  run_to_stop(what);
  what.dir = "/nonexistent";
  failure_of(what);
  // Asked by another process: a lock of one's own does not show.
  auto asker = ::fork();
  if (asker == 0) {
    auto holder = lock_holder(path);
    ::_exit(holder && *holder == ::getppid() ? 0 : 1);
  }
  auto status = 0;
  ASSERT_EQ(::waitpid(asker, &status, 0), asker);
  EXPECT_EQ(status, 0);
}

} // namespace
} // namespace saker::process

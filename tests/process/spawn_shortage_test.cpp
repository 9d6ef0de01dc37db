#include "process/spawn.hpp"
#include "tests/process/spawn_failure_world.hpp"

#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace saker::process {
namespace {

using namespace test;

using spawn_failure_test = spawn_failure_world;

// T-C7: out of descriptors or processes is told at once.
/// Spawns with no, one and two descriptors left. Not a member: a sanitizer
/// that looks at objects needs descriptors of its own.
std::vector<spawn_result> spawn_in_want(spawner& hands, const spec& what) {
  rlimit before = {};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit small{256, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &small);
  std::vector<unique_fd> hoard;
  for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
    hoard.emplace_back(fd);
  std::vector<spawn_result> results;
  for (auto spare = 0; spare < 3; ++spare) {
    results.push_back(hands.spawn(what));
    hoard.pop_back();
  }
  hoard.clear();
  ::setrlimit(RLIMIT_NOFILE, &before);
  return results;
}

TEST_F(spawn_failure_test, tells_at_once_that_descriptors_ran_out) {
  auto results = spawn_in_want(hands, what);
  for (auto spare = 0; spare < 2; ++spare) {
    ASSERT_FALSE(results[spare]);
    EXPECT_EQ(results[spare].error(),
              (spawn_failure{spawn_step::report, EMFILE, "/bin/sh"}));
    EXPECT_TRUE(is_shortage(results[spare].error()));
  }
  // Two are enough: one for the report, one for the handle.
  ASSERT_TRUE(results[2]);
  EXPECT_EQ(finish(results[2]->report), spawn_progress{spawn_done{}});
  EXPECT_TRUE(await_end(results[2]->pidfd.get()));
}

TEST_F(spawn_failure_test, needs_root_tells_at_once_that_processes_ran_out) {
  SAKER_NEEDS_ROOT();
  auto pid = ::fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    rlimit none{0, 0};
    if (::setrlimit(RLIMIT_NPROC, &none) || ::setresuid(64999, 64999, 64999))
      ::_exit(2);
    auto child = hands.spawn(what);
    ::_exit(!child && child.error().step == spawn_step::fork
                && child.error().error == EAGAIN && is_shortage(child.error())
                && hands.check()
              ? 0
              : 1);
  }
  auto status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

} // namespace
} // namespace saker::process

#include "process/spawn.hpp"

#include "tests/process/spawn_world.hpp"

#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace saker::process {
namespace {

using namespace test;
using testing::ElementsAre;

// T-C9: what a child gets and what it does not get.
using spawn_test = spawn_world;

/// Restores the signal mask and one disposition.
class signals_saved {
public:
  signals_saved() {
    ::sigprocmask(SIG_SETMASK, nullptr, &mask_);
    ::sigaction(SIGPIPE, nullptr, &pipe_);
    ::sigaction(SIGUSR1, nullptr, &usr1_);
  }

  ~signals_saved() {
    ::sigaction(SIGPIPE, &pipe_, nullptr);
    ::sigaction(SIGUSR1, &usr1_, nullptr);
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }

private:
  sigset_t mask_;
  struct sigaction pipe_;
  struct sigaction usr1_;
};

TEST_F(spawn_test, t_c9_gives_the_child_exactly_0_1_2) {
  auto& child = run_to_stop(shell(stop));
  auto fds = open_fds(std::to_string(child.pid));
  EXPECT_THAT(numbers(fds), ElementsAre(0, 1, 2));
  EXPECT_EQ(fds[0], "/dev/null");
  EXPECT_EQ(fds[1], *output_path(dir.path(), "test#0"));
  EXPECT_EQ(fds[2], fds[1]);
}

TEST_F(spawn_test, t_c9_gives_the_child_exactly_0_1_2_with_5000_fds_open) {
  rlimit before = {};
  ::getrlimit(RLIMIT_NOFILE, &before);
  if (before.rlim_max < 6000)
    GTEST_SKIP() << "the hard limit of open files is below 6000";
  rlimit raised{before.rlim_max, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &raised), 0);
  std::vector<unique_fd> many;
  for (auto i = 0; i < 5000; ++i) // every second one without CLOEXEC
    many.emplace_back(
      ::open("/dev/null", i % 2 ? O_RDONLY : O_RDONLY | O_CLOEXEC));
  ASSERT_GT(many.back().get(), 5000);
  auto& child = run_to_stop(shell(stop));
  EXPECT_THAT(numbers(open_fds(std::to_string(child.pid))),
              ElementsAre(0, 1, 2));
  many.clear();
  ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(spawn_test, t_c9_hands_sockets_over_with_the_pid_of_the_child) {
  auto what = shell("echo $LISTEN_PID $$; kill -STOP $$");
  auto null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  what.fds = {null};
  what.listen_pid = true;
  auto& child = run(what);
  auto pid = std::to_string(child.pid);
  EXPECT_EQ(line(), pid + " " + pid);
  EXPECT_THAT(numbers(open_fds(pid)), ElementsAre(0, 1, 2, 3));
  ::close(null);
}

TEST_F(spawn_test, t_c9_passes_declared_descriptors_from_3_on_in_their_order) {
  unique_fd one{::memfd_create("one", MFD_CLOEXEC)};
  unique_fd two{::memfd_create("two", MFD_CLOEXEC)};
  auto what = shell(stop);
  what.fds = {two.get(), one.get(), two.get()};
  what.pidfile = dir / "child.pid";
  auto& child = run_to_stop(what);
  auto fds = open_fds(std::to_string(child.pid));
  EXPECT_THAT(numbers(fds), ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_EQ(fds[3], "/memfd:two (deleted)");
  EXPECT_EQ(fds[4], "/memfd:one (deleted)");
  EXPECT_EQ(fds[5], "/memfd:two (deleted)");
  EXPECT_EQ(fds[6], what.pidfile);
}

TEST_F(spawn_test, passes_seven_descriptors_but_not_eight) {
  unique_fd fd{::memfd_create("x", MFD_CLOEXEC)};
  auto what = shell(stop);
  what.fds.assign(max_passed_fds, fd.get());
  auto& child = run_to_stop(what);
  EXPECT_EQ(open_fds(std::to_string(child.pid)).size(), 3 + max_passed_fds);
  what.fds.push_back(fd.get());
  EXPECT_EQ(failure_of(what),
            (spawn_failure{spawn_step::arguments, E2BIG, "/bin/sh"}));
}

TEST_F(spawn_test,
       t_c9_gives_the_child_an_empty_mask_and_default_dispositions) {
  signals_saved saved;
  sigset_t some;
  ::sigemptyset(&some);
  ::sigaddset(&some, SIGTERM);
  ::sigaddset(&some, SIGRTMIN + 3);
  ::sigprocmask(SIG_BLOCK, &some, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGUSR1, [](int) {});
  auto what = shell("");
  what.argv = {"/bin/sleep", "1000"}; // a shell would catch some
  auto& child = run(what);
  EXPECT_EQ(status_field(child.pid, "SigBlk"), "0000000000000000");
  EXPECT_EQ(status_field(child.pid, "SigIgn"), "0000000000000000");
  EXPECT_EQ(status_field(child.pid, "SigCgt"), "0000000000000000");
}

TEST_F(spawn_test, leaves_the_parents_mask_dispositions_and_fds_alone) {
  signals_saved saved;
  sigset_t some;
  ::sigemptyset(&some);
  ::sigaddset(&some, SIGUSR2);
  ::sigprocmask(SIG_SETMASK, &some, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  auto what = shell(stop);
  auto mask = status_field(::getpid(), "SigBlk");
  auto ignored = status_field(::getpid(), "SigIgn");
  auto caught = status_field(::getpid(), "SigCgt");
  auto fds = open_fds();
  {
    auto child = hands.spawn(what);
    ASSERT_TRUE(child);
    finish(child->report);
    signal_process(child->pidfd.get(), SIGKILL);
    await_end(child->pidfd.get());
  }
  EXPECT_EQ(open_fds(), fds);
  EXPECT_EQ(status_field(::getpid(), "SigBlk"), mask);
  EXPECT_EQ(status_field(::getpid(), "SigIgn"), ignored);
  EXPECT_EQ(status_field(::getpid(), "SigCgt"), caught);
  EXPECT_EQ(complaint(), "");
}

TEST_F(spawn_test, t_c9_gives_the_child_a_session_of_its_own) {
  auto& child = run_to_stop(shell(stop));
  auto kin = kinship_of(child.pid);
  ASSERT_TRUE(kin);
  EXPECT_EQ(kin->session, child.pid);
  EXPECT_EQ(kin->group, child.pid);
  EXPECT_EQ(kin->parent, ::getpid());
}

TEST_F(spawn_test, t_c9_gives_back_the_limit_of_open_files) {
  rlimit before = {};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit lower{before.rlim_cur - 100, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lower), 0);
  auto what = shell("ulimit -S -n; " + stop);
  auto& child = run(what);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(line(), std::to_string(hands.nofile().rlim_cur));
  EXPECT_EQ(line(), "ready");
  EXPECT_GT(child.pid, 0);
}

TEST_F(spawn_test, sets_declared_limits) {
  auto what = shell(stop);
  what.limits = {{RLIMIT_NOFILE, 64, 128}, {RLIMIT_CORE, 0, 0}};
  auto& child = run_to_stop(what);
  EXPECT_THAT(limit_line(child.pid, "Max open files"),
              testing::ContainsRegex("64 +128"));
  EXPECT_THAT(limit_line(child.pid, "Max core file size"),
              testing::ContainsRegex("size +0 +0"));
}

TEST_F(spawn_test, starts_in_its_directory_with_its_umask_and_environment) {
  auto what = shell("pwd; umask; echo $COLOUR $HOME_; env | wc -l; " + stop);
  what.dir = dir.path();
  what.umask = 027;
  what.env = {"PATH=/usr/bin:/bin", "COLOUR=green", "PWD=x"};
  run(what);
  EXPECT_EQ(line(), dir.path());
  EXPECT_EQ(line(), "0027");
  EXPECT_EQ(line(), "green");
  EXPECT_EQ(line(), "3");
  EXPECT_EQ(line(), "ready");
}

TEST_F(spawn_test, adds_the_users_variables_where_none_are_given) {
  auto what = shell("echo $HOME $USER $LOGNAME $SHELL; " + stop);
  what.env = {"PATH=/usr/bin:/bin", "HOME=/elsewhere"};
  what.user = "root";
  what.user_env = true;
  if (::geteuid() != 0)
    GTEST_SKIP() << "needs root: it becomes root";
  run(what);
  EXPECT_EQ(line(), "/elsewhere root root /bin/bash");
}

TEST_F(spawn_test, searches_a_program_without_slash_in_the_childs_path) {
  ASSERT_EQ(::mkdir((dir / "bin").c_str(), 0755), 0);
  ASSERT_EQ(::symlink("/bin/sh", (dir / "bin/my-shell").c_str()), 0);
  auto what = shell("echo found $0; " + stop);
  what.argv[0] = "my-shell";
  what.env = {"PATH=/nonexistent:/etc/passwd:" + dir.path() + "/bin"};
  run(what);
  EXPECT_EQ(line(), "found my-shell");
}

TEST_F(spawn_test, has_a_default_path_for_a_child_without_one) {
  auto what = shell(stop);
  what.argv[0] = "sh";
  what.env = {};
  run_to_stop(what);
}

TEST_F(spawn_test, is_niced_bound_to_a_cpu_and_without_new_privileges) {
  auto what = shell(stop);
  what.nice = 5;
  what.cpus = {0};
  what.no_new_privs = true;
  what.oom = 500;
  auto& child = run_to_stop(what);
  auto stat = read_proc("/proc/" + std::to_string(child.pid) + "/stat");
  ASSERT_TRUE(stat);
  EXPECT_EQ(::getpriority(PRIO_PROCESS, static_cast<id_t>(child.pid)), 5);
  EXPECT_EQ(status_field(child.pid, "Cpus_allowed_list"), "0");
  EXPECT_EQ(status_field(child.pid, "NoNewPrivs"), "1");
  EXPECT_EQ(read_proc("/proc/" + std::to_string(child.pid) + "/oom_score_adj"),
            "500\n");
}

TEST_F(spawn_test, needs_root_becomes_the_user_with_its_groups) {
  SAKER_NEEDS_ROOT();
  auto what = shell("id -u; id -g; id -G; kill -STOP $$");
  what.user = "nobody";
  auto& child = run(what);
  EXPECT_EQ(line(), "65534");
  EXPECT_EQ(line(), "65534");
  EXPECT_EQ(line(), "65534");
  EXPECT_EQ(status_field(child.pid, "Uid"), "65534\t65534\t65534\t65534");
  EXPECT_EQ(status_field(child.pid, "Gid"), "65534\t65534\t65534\t65534");
  EXPECT_EQ(status_field(child.pid, "CapEff"), "0000000000000000");
}

TEST_F(spawn_test, needs_root_takes_numbers_and_declared_groups) {
  SAKER_NEEDS_ROOT();
  auto what = shell(stop);
  what.user = "12345"; // no account
  what.groups = {"777", "tty"};
  auto& child = run_to_stop(what);
  EXPECT_EQ(status_field(child.pid, "Uid"), "12345\t12345\t12345\t12345");
  EXPECT_EQ(status_field(child.pid, "Gid"), "777\t777\t777\t777");
  EXPECT_EQ(status_field(child.pid, "Groups"), "5 777");
}

TEST_F(spawn_test, is_killed_with_its_parent_when_asked_to) {
  // The parent is a process of its own here, since it has to end.
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  unique_fd in{ends[0]};
  unique_fd out{ends[1]};
  auto what = shell("echo ready; kill -STOP $$");
  what.death_signal = SIGKILL;
  auto parent = ::fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    auto child = hands.spawn(what);
    auto pid = child ? child->pid : 0;
    if (child)
      finish(child->report);
    auto wrote = ::write(out.get(), &pid, sizeof(pid));
    char go = 0;
    while (wrote > 0 && ::read(reader.fd.get(), &go, 1) != 1)
      await_readable(reader.fd.get());
    ::_exit(0);
  }
  pid_t pid = 0;
  ASSERT_EQ(::read(in.get(), &pid, sizeof(pid)), 4);
  ASSERT_GT(pid, 0);
  auto grandchild = open_process(pid);
  ASSERT_EQ(::waitpid(parent, nullptr, 0), parent);
  if (grandchild) { // else it is gone already
    EXPECT_TRUE(await_readable(grandchild->pidfd.get()));
  }
}

TEST_F(spawn_test, carries_the_marker_that_tells_whose_it_is) {
  auto what = shell(stop);
  instance_marker mark{"web#0", 17};
  what.env.push_back(to_string(mark));
  auto& child = run_to_stop(what);
  EXPECT_EQ(instance_of(child.pid), mark);
}

} // namespace
} // namespace saker::process

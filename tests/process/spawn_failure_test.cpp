#include "process/spawn.hpp"
#include "process/spawn_hint.hpp"
#include "tests/process/spawn_failure_world.hpp"

#include <cstdlib>
#include <fstream>

#include <sys/stat.h>
#include <sys/wait.h>

namespace saker::process {
namespace {

using namespace test;

using spawn_failure_test = spawn_failure_world;

TEST_F(spawn_failure_test, names_a_program_that_is_not_there) {
  what.argv[0] = "/nonexistent/prog";
  expect(spawn_step::exec, ENOENT, "/nonexistent/prog");
  what.argv[0] = "no-such-program-anywhere";
  expect(spawn_step::exec, ENOENT, "no-such-program-anywhere");
}

TEST_F(spawn_failure_test, names_a_program_that_may_not_be_run) {
  what.argv[0] = file("data", "#!/bin/sh\n", 0644);
  expect(spawn_step::exec, EACCES, what.argv[0]);
  what.argv[0] = dir.path();
  expect(spawn_step::exec, EACCES, dir.path());
}

TEST_F(spawn_failure_test, remembers_a_refusal_on_the_search_path) {
  file("tool", "#!/bin/sh\n", 0644);
  what.argv[0] = "tool";
  what.env = {"PATH=" + dir.path() + ":/nonexistent"};
  expect(spawn_step::exec, EACCES, "tool");
}

TEST_F(spawn_failure_test, takes_the_first_of_the_path_even_if_it_is_broken) {
  file("sh", "just text\n", 0755);
  what.argv[0] = "sh";
  what.env = {"PATH=" + dir.path() + ":/bin"};
  expect(spawn_step::exec, ENOEXEC, "sh");
}

TEST_F(spawn_failure_test, names_a_file_that_is_no_program) {
  what.argv[0] = file("text", "just text\n", 0755);
  expect(spawn_step::exec, ENOEXEC, what.argv[0]);
}

TEST_F(spawn_failure_test, names_a_script_whose_interpreter_is_missing) {
  what.argv[0] = file("script", "#!/nonexistent/interpreter\n", 0755);
  expect(spawn_step::exec, ENOENT, what.argv[0]);
}

TEST_F(spawn_failure_test, says_why_a_program_was_not_found) {
  what.argv[0] = file("script", "#!/nonexistent/interpreter -x\n", 0755);
  expect_hint("its interpreter \"/nonexistent/interpreter\" is missing");
  what.argv[0] = file("windows", "#! /bin/sh\r\nexit 0\r\n", 0755);
  expect_hint("its interpreter \"/bin/sh\\r\" is missing (line ends of "
              "Windows?)");
  what.env = {"PATH=" + dir.path()};
  what.argv[0] = "windows";
  expect(spawn_step::exec, ENOENT, "windows");
  auto hint = failure_of(what).hint;
  EXPECT_NE(hint.find("/windows: its interpreter \"/bin/sh\\r\""),
            std::string::npos)
    << hint;
  what.argv[0] = "nowhere";
  expect_hint("not in PATH, which is " + dir.path());
  what.argv = {"sleep 1000"};
  expect_hint("there is no program \"sleep 1000\"; write {\"sleep\", "
              "\"1000\"}");
  what.argv = {"/bin/sleep  1000"};
  expect_hint("there is no program \"/bin/sleep  1000\"; write "
              "{\"/bin/sleep\", \"1000\"}");
  what.argv = {"/nonexistent/prog"};
  expect_hint("");
}

TEST_F(spawn_failure_test, says_which_account_is_unknown) {
  what.user = "rooot";
  expect_hint("there is no user \"rooot\" (did you mean \"root\"?)");
  what.user = "54321";
  expect_hint("user 54321 has no account, so it needs groups");
  what.user = "";
  what.groups = {"no-such-group"};
  expect_hint("there is no group \"no-such-group\"");
}

TEST_F(spawn_failure_test, a_hint_is_cut_to_what_fits) {
  what.argv[0] = "nowhere";
  what.env = {"PATH=/nonexistent/" + std::string(300, 'x')};
  auto hint = failure_of(what).hint;
  EXPECT_LE(hint.size(), max_hint);
  EXPECT_TRUE(hint.starts_with("not in PATH, which is /nonexistent/xxx"));
}

TEST_F(spawn_failure_test, names_a_directory_that_is_none) {
  what.dir = "/nonexistent";
  expect(spawn_step::dir, ENOENT, "/nonexistent");
  what.dir = "/etc/passwd";
  expect(spawn_step::dir, ENOTDIR, "/etc/passwd");
}

TEST_F(spawn_failure_test, names_a_user_and_a_group_that_are_unknown) {
  what.user = "no-such-user";
  expect(spawn_step::lookup, ENOENT, "no-such-user");
  what.user = "54321"; // without account and without groups
  expect(spawn_step::lookup, ENOENT, "54321");
  what.user = "4294967295"; // would mean "stay root"
  what.groups = {"777"};
  expect(spawn_step::lookup, ENOENT, "4294967295");
  what.user = "";
  what.groups = {"tty", "no-such-group"};
  expect(spawn_step::lookup, ENOENT, "no-such-group");
}

TEST_F(spawn_failure_test, names_the_limit_that_cannot_be_set) {
  what.limits = {{RLIMIT_CORE, 0, 0}, {RLIMIT_NPROC, 10, 5}};
  expect(spawn_step::limits, EINVAL, "nproc");
}

TEST_F(spawn_failure_test, names_a_pidfile_that_cannot_be_made) {
  what.pidfile = "/nonexistent/x.pid";
  expect(spawn_step::pidfile_open, ENOENT, "/nonexistent/x.pid");
  what.pidfile = dir.path();
  expect(spawn_step::pidfile_open, EISDIR, dir.path());
}

TEST_F(spawn_failure_test, names_who_holds_the_pidfile) {
  what.pidfile = dir / "x.pid";
  auto first = what;
  first.argv = {"/bin/sleep", "1000"};
  auto child = hands.spawn(first);
  ASSERT_TRUE(child);
  ASSERT_TRUE(std::holds_alternative<spawn_done>(finish(child->report)));
  expect(spawn_step::pidfile_lock, EAGAIN, what.pidfile);
  expect_hint("pid " + std::to_string(child->pid) + " (sleep) holds it");
  signal_process(child->pidfd.get(), SIGKILL);
  EXPECT_TRUE(await_end(child->pidfd.get()));
  reap(child->pidfd.get());
}

TEST_F(spawn_failure_test, never_follows_a_link_nor_writes_into_a_device) {
  auto victim = file("victim", "precious\n", 0600);
  ASSERT_EQ(::symlink(victim.c_str(), (dir / "link").c_str()), 0);
  what.pidfile = dir / "link";
  expect(spawn_step::pidfile_open, ELOOP, what.pidfile);
  EXPECT_EQ(read_proc(victim), "precious\n");
  ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
  what.pidfile = dir / "pipe";
  expect(spawn_step::pidfile_open, EINVAL, what.pidfile);
}

TEST_F(spawn_failure_test, names_an_output_that_is_no_fifo) {
  what.out.path = file("plain", "", 0600);
  expect(spawn_step::output, EINVAL, what.out.path);
  what.out.path = dir / "absent";
  expect(spawn_step::output, ENOENT, what.out.path);
  ASSERT_EQ(::symlink("test", (dir / "fifo-link").c_str()), 0);
  what.out.path = dir / "fifo-link";
  expect(spawn_step::output, ELOOP, what.out.path);
}

TEST_F(spawn_failure_test, names_a_second_output_and_a_stdin) {
  what.err = output{output_kind::file, "/nonexistent/err", -1};
  expect(spawn_step::files, ENOENT, "/nonexistent/err");
  what.input = "/nonexistent/in";
  expect(spawn_step::files, ENOENT, "/nonexistent/in");
}

TEST_F(spawn_failure_test, names_the_cgroup) {
  what.cgroup = "/nonexistent/group";
  expect(spawn_step::cgroup, ENOENT, "/nonexistent/group");
}

TEST_F(spawn_failure_test, names_impossible_oom_scores_and_cpus) {
  what.oom = 5000;
  expect(spawn_step::oom, EINVAL, "5000");
  what.oom.reset();
  what.cpus = {100000};
  expect(spawn_step::cpus, EINVAL, "100000");
}

TEST_F(spawn_failure_test, refuses_specifications_without_sense) {
  auto good = what;
  what.argv = {};
  expect(spawn_step::arguments, EINVAL, "");
  what = good;
  what.argv.push_back(std::string{"a\0b", 3});
  expect(spawn_step::arguments, EINVAL, "/bin/sh");
  what = good;
  what.env.push_back(std::string{"A=\0", 3});
  expect(spawn_step::arguments, EINVAL, "/bin/sh");
  what = good;
  what.dir = std::string{"/\0tmp", 5};
  expect(spawn_step::arguments, EINVAL, "/bin/sh");
  what = good;
  what.fds = {9999};
  expect(spawn_step::output, EBADF, what.out.path);
}

TEST_F(spawn_failure_test, tells_arguments_that_are_too_long) {
  what.argv.emplace_back(std::size_t{8} << 20, 'x');
  expect(spawn_step::exec, E2BIG, "/bin/sh");
}

TEST_F(spawn_failure_test, needs_to_be_another_user_says_who_may_change_users) {
  SAKER_NEEDS_ROOT();
  // A process of its own, since root cannot be had back.
  auto pid = ::fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    if (::setresgid(65534, 65534, 65534) || ::setresuid(65534, 65534, 65534))
      ::_exit(2);
    spec x;
    x.argv = {"/bin/true"};
    x.user = "daemon";
    auto child = hands.spawn(x);
    auto progress = child ? finish(child->report) : spawn_progress{};
    auto why = std::get_if<spawn_failure>(&progress);
    auto itself = x;
    itself.user = "nobody"; // becoming oneself needs no rights
    auto fine = hands.spawn(itself);
    auto done = fine
                && std::holds_alternative<spawn_done>(finish(fine->report));
    ::_exit(why && why->step == spawn_step::groups && why->error == EPERM
                && why->path == "daemon" && done
              ? 0
              : 1);
  }
  auto status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

TEST_F(spawn_failure_test, ends_the_child_with_127) {
  what.argv[0] = "/nonexistent";
  auto child = hands.spawn(what);
  ASSERT_TRUE(child);
  auto end = await_end(child->pidfd.get());
  ASSERT_TRUE(end);
  EXPECT_EQ(end->pid, child->pid);
  EXPECT_EQ(end->status, exit_status::exited(127));
}

std::string exit_mark; ///< made by whoever runs the exit handlers meanwhile

TEST_F(spawn_failure_test, never_runs_the_parents_exit_handlers) {
  exit_mark = dir / "mark";
  std::atexit([] {
    if (!exit_mark.empty())
      std::ofstream{exit_mark};
  });
  what.argv[0] = "/nonexistent";
  failure_of(what);
  for (auto kind : {spawn_fault::kind::bad_alloc, spawn_fault::kind::die})
    failure_of(what, spawn_fault{spawn_step::dir, kind, 0});
  EXPECT_FALSE(read_proc(exit_mark));
  exit_mark.clear();
}

} // namespace
} // namespace saker::process

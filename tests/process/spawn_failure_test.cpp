#include "process/spawn.hpp"
#include "process/spawn_hint.hpp"
#include "tests/process/children.hpp"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <sys/stat.h>

namespace saker::process {
namespace {

using namespace test;

// T-C12, T-C18: whatever goes wrong between fork and exec is told with step,
// errno and object, leaves no child, no descriptor and no changed signal mask.
class spawn_failure_test : public spawning_test {
protected:
  spawn_failure_test() {
    what = shell("exit 0");
    fds = open_fds();
    mask = status_field(::getpid(), "SigBlk");
  }

  ~spawn_failure_test() override {
    kept.clear();
    EXPECT_EQ(open_fds(), fds);
    EXPECT_EQ(status_field(::getpid(), "SigBlk"), mask);
    EXPECT_EQ(complaint(), "");
  }

  void expect(spawn_step step, int error, const std::string& path) {
    auto found = failure_of(what);
    found.hint.clear();
    EXPECT_EQ(found, (spawn_failure{step, error, path}));
  }

  void expect_hint(const std::string& hint) {
    EXPECT_EQ(failure_of(what).hint, hint);
  }

  std::string
  file(const std::string& name, const std::string& content, mode_t mode) {
    std::ofstream{dir / name} << content;
    ::chmod((dir / name).c_str(), mode);
    return dir / name;
  }

  spec what;
  std::map<int, std::string> fds;
  std::string mask;
};

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

// T-C18: a failure at every step.
class spawn_fault_at : public spawn_failure_test,
                       public testing::WithParamInterface<std::size_t> {
protected:
  spawn_fault fault(spawn_fault::kind kind, int error = 0) const {
    return {static_cast<spawn_step>(GetParam()), kind, error};
  }

  bool in_child() const {
    return static_cast<spawn_step>(GetParam()) > spawn_step::fork;
  }
};

TEST_P(spawn_fault_at, is_told_with_its_step_and_errno) {
  auto x = fault(spawn_fault::kind::fail, EUCLEAN);
  auto why = failure_of(what, x);
  EXPECT_EQ(why.step, x.step);
  EXPECT_EQ(why.error, EUCLEAN);
}

TEST_P(spawn_fault_at, may_be_an_exception) {
  auto x = fault(spawn_fault::kind::bad_alloc);
  auto why = failure_of(what, x);
  EXPECT_EQ(why.step, x.step);
  EXPECT_EQ(why.error, ENOMEM);
}

TEST_P(spawn_fault_at, may_be_the_end_of_the_child) {
  auto x = fault(spawn_fault::kind::die);
  if (x.step == spawn_step::exec)
    return; // looks like a program that was killed at its first instruction
  auto why = failure_of(what, x);
  EXPECT_EQ(why.step, x.step);
  EXPECT_EQ(why.error, in_child() ? 0 : ENOMEM);
}

TEST_P(spawn_fault_at, may_be_a_set_up_that_hangs_and_delays_nobody) {
  auto x = fault(spawn_fault::kind::hang);
  if (!in_child())
    return; // nothing there waits for anybody
  auto hung = hands.spawn(what, x);
  ASSERT_TRUE(hung);
  ASSERT_TRUE(await_step(hung->report, x.step));
  auto other = hands.spawn(what);
  ASSERT_TRUE(other);
  EXPECT_EQ(finish(other->report), spawn_progress{spawn_done{}});
  EXPECT_TRUE(await_end(other->pidfd.get()));
  EXPECT_EQ(hung->report.read(),
            (spawn_progress{spawn_pending{x.step, subject_of(what, x.step)}}));
  signal_process(hung->pidfd.get(), SIGKILL);
  EXPECT_TRUE(await_end(hung->pidfd.get()));
}

INSTANTIATE_TEST_SUITE_P(every_step, spawn_fault_at,
                         testing::Range(std::size_t{1}, spawn_steps),
                         [](const testing::TestParamInfo<std::size_t>& x) {
                           return std::string{
                             to_string(static_cast<spawn_step>(x.param))};
                         });

TEST_F(spawn_failure_test, may_be_a_real_file_that_hangs) {
  ASSERT_EQ(::mkfifo((dir / "never").c_str(), 0600), 0);
  what.input = dir / "never"; // nobody writes: open waits
  auto hung = hands.spawn(what);
  ASSERT_TRUE(hung);
  ASSERT_TRUE(await_step(hung->report, spawn_step::files));
  EXPECT_EQ(hung->report.pending(),
            (spawn_pending{spawn_step::files, what.input}));
  signal_process(hung->pidfd.get(), SIGKILL);
  auto end = await_end(hung->pidfd.get());
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, exit_status::signaled(SIGKILL));
  EXPECT_EQ(finish(hung->report),
            (spawn_progress{spawn_failure{spawn_step::files, 0, what.input}}));
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

TEST_F(spawn_failure_test, keeps_signals_from_a_child_that_is_not_ready) {
  auto hung = hands.spawn(
    what, spawn_fault{spawn_step::mask, spawn_fault::kind::hang, 0});
  ASSERT_TRUE(hung);
  ASSERT_TRUE(await_step(hung->report, spawn_step::mask));
  auto blocked = std::stoull(status_field(hung->pid, "SigBlk"), nullptr, 16);
  for (auto number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR1, SIGRTMIN})
    EXPECT_TRUE(blocked >> (number - 1) & 1) << number;
  signal_process(hung->pidfd.get(), SIGKILL);
  EXPECT_TRUE(await_end(hung->pidfd.get()));
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

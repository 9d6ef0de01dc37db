#include "process/spawn.hpp"
#include "tests/process/spawn_world.hpp"

#include <cstdlib>

#include <sys/stat.h>
#include <sys/wait.h>

namespace saker::process {
namespace {

using namespace test;

using spawn_test = spawn_world;

TEST_F(spawn_test, reads_stdin_from_the_declared_file) {
  ASSERT_EQ(std::system(("echo hello > " + (dir / "in")).c_str()), 0);
  auto what = shell("cat; " + stop);
  what.input = dir / "in";
  run(what);
  EXPECT_EQ(line(), "hello");
}

TEST_F(spawn_test, reads_stdin_from_a_text_of_any_bytes) {
  auto what = shell("od -An -tx1 | tr -d '\\n'; echo; cat; " + stop);
  what.input_text = std::string{"a\0\xff\n", 4};
  run(what);
  EXPECT_EQ(line(), " 61 00 ff 0a");
}

TEST_F(spawn_test, takes_a_text_for_stdin_that_no_pipe_holds) {
  auto what = shell("wc -c; " + stop);
  what.input_text = std::string(max_input_text, 'x');
  run(what);
  EXPECT_EQ(line(), std::to_string(max_input_text));
}

TEST_F(spawn_test, keeps_stderr_apart_when_asked_to) {
  auto what = shell("echo out; echo err >&2; kill -STOP $$");
  auto path = *output_path(dir.path(), "test#0", true);
  ASSERT_TRUE(create_output_fifo(path));
  auto second = open_output_fifo(path);
  ASSERT_TRUE(second);
  what.err = output{output_kind::fifo, path, -1};
  run(what);
  EXPECT_EQ(line(), "out");
  EXPECT_EQ(read_line(second->fd.get()), "err");
}

TEST_F(spawn_test, appends_to_files_and_takes_over_descriptors) {
  ASSERT_EQ(std::system(("echo first > " + (dir / "log")).c_str()), 0);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  unique_fd in{ends[0]};
  unique_fd out{ends[1]};
  spec what;
  what.argv = {"/bin/sh", "-c", "echo second; echo other >&2"};
  what.out = {output_kind::file, dir / "log", -1};
  what.err = output{output_kind::descriptor, "", out.get()};
  auto& child = run(what);
  EXPECT_EQ(read_line(in.get()), "other");
  ASSERT_TRUE(await_end(child.pidfd.get()));
  child.pidfd.reset();
  EXPECT_EQ(read_proc(dir / "log"), "first\nsecond\n");
}

TEST_F(spawn_test, inherits_the_parents_streams_when_asked_to) {
  auto what = shell(stop);
  what.out = {output_kind::inherit, "", -1};
  what.err = output{output_kind::inherit, "", -1};
  what.argv[2] = "kill -STOP $$";
  auto& child = run(what);
  siginfo_t info = {};
  ASSERT_EQ(
    ::waitid(P_PIDFD, static_cast<id_t>(child.pidfd.get()), &info, WSTOPPED),
    0);
  auto ours = open_fds();
  auto theirs = open_fds(std::to_string(child.pid));
  EXPECT_EQ(theirs[1], ours[1]);
  EXPECT_EQ(theirs[2], ours[2]);
  EXPECT_EQ(theirs.size(), 3u);
}

TEST_F(spawn_test, needs_root_lets_the_user_open_its_output_again) {
  SAKER_NEEDS_ROOT();
  auto what = shell("echo one > /dev/stdout; echo two > /dev/stderr; " + stop);
  what.user = "nobody";
  run(what);
  EXPECT_EQ(line(), "one");
  EXPECT_EQ(line(), "two");
  EXPECT_EQ(line(), "ready");
  struct stat about = {};
  ASSERT_EQ(::stat(what.out.path.c_str(), &about), 0);
  EXPECT_EQ(about.st_uid, 65534u);
  EXPECT_EQ(about.st_mode & 07777, 0600u);
  // A service whose user was taken away gets it back.
  what.user = "";
  kept.push_back(*hands.spawn(what));
  finish(kept.back().report);
  ASSERT_EQ(::stat(what.out.path.c_str(), &about), 0);
  EXPECT_EQ(about.st_uid, 0u);
}

TEST_F(spawn_test, needs_root_opens_stdin_with_the_users_rights) {
  SAKER_NEEDS_ROOT();
  auto what = shell(stop);
  what.user = "nobody";
  what.input = "/etc/shadow";
  EXPECT_EQ(failure_of(what),
            (spawn_failure{spawn_step::files, EACCES, "/etc/shadow"}));
}

// The child is a reader of its own pipe: nobody's death is a SIGPIPE, and what
// it wrote stays in the kernel.
TEST_F(spawn_test, survives_that_nobody_reads_its_output) {
  auto what = shell("echo before; read go < " + (dir / "gate")
                    + "; echo after; " + stop);
  ASSERT_EQ(::mkfifo((dir / "gate").c_str(), 0600), 0);
  auto& child = run(what);
  EXPECT_EQ(line(), "before");
  reader.fd.reset();
  unique_fd gate{::open((dir / "gate").c_str(), O_WRONLY | O_CLOEXEC)};
  ASSERT_EQ(::write(gate.get(), "\n", 1), 1);
  siginfo_t info = {};
  ASSERT_EQ(
    ::waitid(P_PIDFD, static_cast<id_t>(child.pidfd.get()), &info, WSTOPPED),
    0);
  EXPECT_EQ(info.si_code, CLD_STOPPED);
  reader = *open_output_fifo(what.out.path);
  EXPECT_EQ(line(), "after");
  EXPECT_EQ(line(), "ready");
}

} // namespace
} // namespace saker::process

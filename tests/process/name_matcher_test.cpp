#include "process/name_matcher.hpp"

#include "tests/process/children.hpp"

namespace saker::process {
namespace {

using namespace test;

proc_entry row(pid_t pid, const std::string& comm, const std::string& cmdline) {
  proc_entry x;
  x.pid = pid;
  x.state = 'S';
  x.comm = comm;
  x.cmdline = cmdline;
  return x;
}

bool matches(const std::string& pattern, const proc_entry& x) {
  return name_matcher::compile(pattern)->matches(x);
}

const auto nginx = row(7, "nginx",
                       "nginx: master process /usr/sbin/nginx -c x");

TEST(name_matcher_test, looks_anywhere_in_command_line_and_name) {
  EXPECT_TRUE(matches("^nginx: master", nginx));
  EXPECT_TRUE(matches("sbin/nginx -c", nginx));
  EXPECT_TRUE(matches("^nginx$", nginx)) << "the name alone";
  EXPECT_TRUE(matches("ngin.$", nginx));
  EXPECT_FALSE(matches("^master", nginx));
  EXPECT_FALSE(matches("apache", nginx));
}

TEST(name_matcher_test, treats_command_lines_as_bytes) {
  auto odd = row(7, "odd", "odd \xff\xfe caf\xc3\xa9\nnext");
  EXPECT_TRUE(matches("odd .. caf", odd));
  EXPECT_TRUE(matches("caf\xc3\xa9", odd));
  EXPECT_TRUE(matches("odd.*next$", odd));
}

TEST(name_matcher_test, never_matches_our_own_programs_and_given_pids) {
  for (auto name : {"saker", "saker-node", "saker-keeper"})
    EXPECT_FALSE(matches("nginx", row(7, name, "saker run nginx"))) << name;
  EXPECT_TRUE(matches("nginx", row(7, "sakerd", "nginx")));
  auto pattern = name_matcher::compile("nginx", {3, 7});
  EXPECT_FALSE(pattern->matches(nginx));
  EXPECT_TRUE(name_matcher::compile("nginx", {3})->matches(nginx));
}

TEST(name_matcher_test, never_matches_zombies_and_kernel_threads) {
  auto zombie = nginx;
  zombie.state = 'Z';
  EXPECT_FALSE(matches("nginx", zombie));
  auto thread = nginx;
  thread.kernel = true;
  EXPECT_FALSE(matches("nginx", thread));
}

TEST(name_matcher_test, says_what_is_wrong_with_a_pattern) {
  auto x = name_matcher::compile("a(b");
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error().code, errc::syntax);
  EXPECT_NE(x.error().detail.find("a(b"), std::string::npos);
  EXPECT_FALSE(name_matcher::compile("(?=x)"));
  EXPECT_FALSE(name_matcher::compile(""));
}

TEST(name_matcher_test, is_linear_where_others_explode) {
  auto text = std::string(50'000, 'a');
  EXPECT_FALSE(matches("(a*)*(a*)*(a*)*b", row(7, "x", text)));
}

class proc_table_test : public spawning_test {};

TEST_F(proc_table_test, has_the_real_processes_in_it) {
  auto what = shell("kill -STOP $$");
  what.argv = {"/bin/sh", "-c", "echo up; kill -STOP $$", "saker-test-mark",
               "two words"};
  auto& child = run(what);
  EXPECT_EQ(line(), "up");
  auto x = find_process(child.pid);
  ASSERT_TRUE(x);
  EXPECT_EQ(x->pid, child.pid);
  EXPECT_EQ(x->parent, ::getpid());
  EXPECT_EQ(x->uid, ::geteuid());
  EXPECT_EQ(x->comm, "sh");
  EXPECT_EQ(x->cmdline,
            "/bin/sh -c echo up; kill -STOP $$ saker-test-mark two words");
  EXPECT_EQ(x->start_time, read_stat(child.pid)->start_time);
  auto found = find_processes(*name_matcher::compile("mark two words$"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.front().pid, child.pid);
  EXPECT_TRUE(
    find_processes(*name_matcher::compile("mark two words$"), 54321).empty());
}

TEST_F(proc_table_test, gives_the_oldest_first) {
  auto what = shell("");
  what.argv = {"/bin/sh", "-c", "kill -STOP $$", "saker-test-mark"};
  for (auto i = 0; i < 3; ++i)
    run(what);
  auto found = find_processes(*name_matcher::compile("saker-test-mark$"));
  ASSERT_EQ(found.size(), 3u);
  EXPECT_LE(found[0].start_time, found[1].start_time);
  EXPECT_LE(found[1].start_time, found[2].start_time);
}

TEST_F(proc_table_test, stops_when_told_to) {
  auto count = 0;
  each_process([&](const proc_entry&) { return ++count < 2; });
  EXPECT_EQ(count, 2);
  EXPECT_FALSE(find_process(0x7fffffff));
}

TEST_F(proc_table_test, needs_root_tells_the_effective_user) {
  SAKER_NEEDS_ROOT();
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  unique_fd in{ends[0]};
  unique_fd out{ends[1]};
  auto pid = ::fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    auto ok = ::setresuid(1001, 1002, 1003) == 0
              && ::write(out.get(), "\n", 1) == 1;
    while (ok)
      ::pause();
    ::_exit(1);
  }
  auto handle = open_process(pid);
  ASSERT_TRUE(handle);
  EXPECT_EQ(read_line(in.get()), "");
  EXPECT_EQ(find_process(pid)->uid, 1002u);
  signal_process(handle->pidfd.get(), SIGKILL);
  EXPECT_TRUE(await_end(handle->pidfd.get()));
}

// Q7: processes come and go while the table is read.
TEST_F(proc_table_test, q7_survives_processes_that_vanish) {
  auto what = shell("");
  what.argv = {"/bin/true"};
  for (auto i = 0; i < 20; ++i) {
    auto child = hands.spawn(what);
    ASSERT_TRUE(child);
    auto itself = false;
    each_process([&](const proc_entry& x) {
      itself = itself || x.pid == ::getpid();
      return true;
    });
    EXPECT_TRUE(itself);
    EXPECT_TRUE(await_end(child->pidfd.get()));
  }
}

} // namespace
} // namespace saker::process

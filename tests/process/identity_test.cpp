#include "process/identity.hpp"

#include "tests/process/children.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <sys/wait.h>

namespace saker::process {
namespace {

using namespace test;

TEST(proc_stat_test, survives_names_with_blanks_and_parentheses) {
  std::string rest = "S 2 3 4 0 -1 2097152 0 0 0 0 15 16 0 0 20 0 21 0 22 0 24 "
                     "25 26";
  auto x = parse_stat("1 (a) b (c)) " + rest + "\n");
  ASSERT_TRUE(x);
  EXPECT_EQ(x->pid, 1);
  EXPECT_EQ(x->comm, "a) b (c)");
  EXPECT_EQ(x->state, 'S');
  EXPECT_EQ(x->parent, 2);
  EXPECT_EQ(x->group, 3);
  EXPECT_EQ(x->session, 4);
  EXPECT_TRUE(x->kernel_thread());
  EXPECT_EQ(x->user_ticks, 15u);
  EXPECT_EQ(x->system_ticks, 16u);
  EXPECT_EQ(x->threads, 21u);
  EXPECT_EQ(x->start_time, 22u);
  EXPECT_EQ(x->rss_pages, 24u);
}

TEST(proc_stat_test, refuses_what_is_cut_at_any_place) {
  auto text = *read_proc("/proc/self/stat");
  ASSERT_TRUE(parse_stat(text));
  // Behind the 24th field nothing of ours follows.
  std::size_t needed = text.rfind(')') + 1;
  for (auto field = 0; field < 22; ++field)
    needed = text.find(' ', needed + 1);
  for (std::size_t size = 0; size < needed - 8; ++size)
    EXPECT_FALSE(parse_stat(text.substr(0, size))) << size;
  for (auto bad : {"", "1", "1 (x", "1 x)", "1 )(", "x (y) S"})
    EXPECT_FALSE(parse_stat(bad)) << bad;
}

TEST(proc_stat_test, is_nothing_for_a_process_that_is_not_there) {
  EXPECT_FALSE(read_stat(0));
  EXPECT_FALSE(read_stat(-1));
  EXPECT_FALSE(read_stat(0x7fffffff));
  EXPECT_EQ(read_stat(::getpid())->parent, ::getppid());
}

TEST(boot_test, has_an_id_that_stays) {
  EXPECT_NE(this_boot(), boot_id{});
  EXPECT_EQ(this_boot(), this_boot());
}

class identity_test : public spawning_test {};

TEST_F(identity_test, is_of_exactly_one_process) {
  auto& child = run(shell("kill -STOP $$"));
  auto known = open_process(child.pid);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->who.pid, child.pid);
  EXPECT_EQ(known->who.boot, this_boot());
  EXPECT_GT(known->who.pid_namespace, 0u);
  EXPECT_EQ(known->who.start_time, read_stat(child.pid)->start_time);
  EXPECT_TRUE(same_process(known->who));
  EXPECT_EQ(*identify_child(child.pid), known->who);
  auto handle = open_pidfd(known->who);
  ASSERT_TRUE(handle);
  EXPECT_TRUE(signal_process(handle->get(), 0));
  EXPECT_TRUE(::fcntl(handle->get(), F_GETFD) & FD_CLOEXEC);
}

// T-C1: a forged or stale record never gives a handle to somebody else.
TEST_F(identity_test, t_c1_is_not_found_when_any_part_differs) {
  auto& child = run(shell("kill -STOP $$"));
  auto who = open_process(child.pid)->who;
  for (auto part = 0; part < 4; ++part) {
    auto forged = who;
    switch (part) {
      case 0: ++forged.boot[5]; break;
      case 1: ++forged.pid_namespace; break;
      case 2: forged.pid = 1; break;
      case 3: ++forged.start_time; break;
    }
    EXPECT_FALSE(same_process(forged)) << part;
    EXPECT_EQ(open_pidfd(forged).error().code, errc::not_found) << part;
  }
}

TEST_F(identity_test, ends_with_the_process) {
  auto& child = run(shell("kill -STOP $$"));
  auto who = open_process(child.pid)->who;
  signal_process(child.pidfd.get(), SIGKILL);
  ASSERT_TRUE(await_readable(child.pidfd.get()));
  EXPECT_FALSE(same_process(who)) << "a zombie does not live";
  EXPECT_EQ(*identify_child(child.pid), who) << "but still has its name";
  await_end(child.pidfd.get());
  child.pidfd.reset();
  EXPECT_FALSE(same_process(who));
  EXPECT_FALSE(identify_child(child.pid));
  EXPECT_EQ(open_process(child.pid).error().code, errc::not_found);
}

TEST_F(identity_test, is_refused_to_numbers_that_are_no_process) {
  for (auto pid : {0, -1, 0x7fffffff})
    EXPECT_EQ(open_process(pid).error().code, errc::not_found) << pid;
}

TEST_F(identity_test, needs_root_stops_at_another_pid_namespace) {
  SAKER_NEEDS_ROOT();
  // The grandchild is process 1 of a namespace of its own; we see it too.
  auto what = shell("");
  what.argv = {"/usr/bin/unshare",
               "--fork",
               "--pid",
               "--kill-child",
               "/bin/sh",
               "-c",
               "echo up; sleep 1000; true"};
  auto& child = run(what);
  if (line() != "up")
    GTEST_SKIP() << "pid namespaces are not allowed here";
  auto pids = read_proc("/proc/" + std::to_string(child.pid) + "/task/"
                        + std::to_string(child.pid) + "/children");
  ASSERT_TRUE(pids && !pids->empty());
  auto verdict = open_process(std::stoi(*pids));
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, errc::refused);
}

TEST_F(identity_test, finds_the_children_zombies_too) {
  auto& running = run(shell("kill -STOP $$"));
  auto& zombie = run(shell("exit 0"));
  ASSERT_TRUE(await_readable(zombie.pidfd.get()));
  EXPECT_THAT(children(),
              testing::UnorderedElementsAre(running.pid, zombie.pid));
}

TEST_F(identity_test, knows_session_group_and_parent) {
  auto& child = run(shell("kill -STOP $$"));
  auto kin = kinship_of(child.pid);
  ASSERT_TRUE(kin);
  EXPECT_EQ(kin->session, child.pid);
  EXPECT_EQ(kin->group, child.pid);
  EXPECT_EQ(kin->parent, ::getpid());
  EXPECT_FALSE(kinship_of(0x7fffffff));
}

TEST(instance_marker_test, reads_back_what_it_writes) {
  instance_marker x{"web#0", 12345678901234567890u};
  EXPECT_EQ(to_string(x), "SAKER_INSTANCE=web#0#12345678901234567890");
  EXPECT_EQ(parse_instance("web#0#12345678901234567890"), x);
}

TEST(instance_marker_test, refuses_what_has_no_key_or_no_number) {
  for (auto text : {"", "web", "#1", "web#", "web#x", "web#1x", "web#-1",
                    "web#99999999999999999999"})
    EXPECT_EQ(parse_instance(text), std::nullopt) << text;
}

TEST_F(identity_test, reads_the_marker_of_a_child_and_only_a_whole_one) {
  auto what = shell("kill -STOP $$");
  what.env = {"XSAKER_INSTANCE=no#1", "SAKER_INSTANCE=yes#0#2"};
  auto& child = run(what);
  EXPECT_EQ(instance_of(child.pid), (instance_marker{"yes#0", 2}));
  EXPECT_EQ(instance_of(::getpid()), std::nullopt);
  EXPECT_EQ(instance_of(0x7fffffff), std::nullopt);
}

} // namespace
} // namespace saker::process

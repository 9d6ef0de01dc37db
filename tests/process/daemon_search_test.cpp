#include "process/daemon_search.hpp"

#include "tests/process/children.hpp"

#include <cctype>
#include <fstream>

#include <sys/stat.h>

namespace saker::process {
namespace {

using namespace test;
using kind = finding::kind;

/// The keeper is this process, and the daemons are its children.
class daemon_search_test : public spawning_test {
protected:
  daemon_search_test() {
    ::chmod(dir.path().c_str(), 0755);
  }

  /// One that says so once it runs, and that `mark` tells from others.
  pid_t daemon(const std::string& mark) {
    auto what = shell("");
    what.argv = {"/bin/sh", "-c", "echo up; kill -STOP $$", mark};
    auto& child = run(what);
    EXPECT_EQ(line(), "up");
    return child.pid;
  }

  static start_command start_of(const std::string& mark) {
    return {{"/bin/sh", "-c", "echo up; kill -STOP $$", mark}, "/", ""};
  }

  std::string pidfile(pid_t pid, mode_t mode = 0644) {
    auto path = dir / "x.pid";
    std::ofstream{path} << pid << '\n';
    ::chmod(path.c_str(), mode);
    return path;
  }

  finding match(const std::string& pattern, const std::string& user = {}) {
    daemon_rule rule{"", pattern, user};
    return uut.by_match(std::span{&rule, 1}).at(0);
  }

  /// As if it had been written long ago.
  void age(const std::string& path) {
    timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }

  daemon_search uut{::getpid()};
};

TEST_F(daemon_search_test, q11a_finds_whom_a_pidfile_names) {
  auto pid = daemon("saker-d1");
  auto x = uut.by_pidfile({pidfile(pid), "", "", start_of("saker-d1")});
  EXPECT_EQ(x.what, kind::found) << x.text;
  EXPECT_EQ(x.who.pid, pid);
  EXPECT_EQ(x.who.start_time, read_stat(pid)->start_time);
  EXPECT_TRUE(x.trusted);
  EXPECT_EQ(x.text, "");
}

TEST_F(daemon_search_test, t_c1_a_file_of_root_may_name_an_unrelated_program) {
  auto path = pidfile(daemon("saker-d1"));
  for (auto& start : {start_of("saker-d2"), start_command{}}) {
    auto x = uut.by_pidfile({path, "", "", start});
    EXPECT_EQ(x.what, kind::found);
    EXPECT_FALSE(x.trusted);
    EXPECT_NE(x.text.find("saker-d1), whose command line is not that of exec"),
              std::string::npos)
      << x.text;
    EXPECT_NE(x.text.find("match = "), std::string::npos);
  }
  EXPECT_TRUE(uut.by_pidfile({path, "saker-d1$", "", start_of("x")}).trusted);
}

TEST_F(daemon_search_test, finds_nobody_where_no_file_or_no_process_is) {
  auto x = uut.by_pidfile({dir / "none", "", ""});
  EXPECT_EQ(x.what, kind::nobody);
  EXPECT_EQ(x.text, dir / "none" + ": no such file");
  std::ofstream{dir / "x.pid"} << ""; // it is about to be written
  EXPECT_EQ(uut.by_pidfile({dir / "x.pid", "", ""}).what, kind::nobody);
  x = uut.by_pidfile({pidfile(0x3fffff), "", ""});
  EXPECT_EQ(x.what, kind::nobody);
  EXPECT_NE(x.text.find("there is no such process"), std::string::npos);
}

TEST_F(daemon_search_test, follows_no_link) {
  auto real = pidfile(daemon("saker-d1"));
  ASSERT_EQ(::symlink(real.c_str(), (dir / "link").c_str()), 0);
  auto x = uut.by_pidfile({dir / "link", "", ""});
  EXPECT_EQ(x.what, kind::refused);
  EXPECT_NE(x.text.find("symbolic link"), std::string::npos);
}

TEST_F(daemon_search_test,
       t_c1_a_file_that_is_older_than_the_process_is_stale) {
  auto pid = daemon("saker-d1");
  auto path = pidfile(pid);
  age(path);
  auto x = uut.by_pidfile({path, "", ""});
  EXPECT_EQ(x.what, kind::nobody);
  EXPECT_NE(x.text.find("younger than the file: it is stale"),
            std::string::npos);
  // What it looks like is better evidence.
  EXPECT_EQ(uut.by_pidfile({path, "saker-d1$", ""}).what, kind::found);
}

TEST_F(daemon_search_test, whom_match_does_not_describe_is_refused) {
  auto path = pidfile(daemon("saker-d1"));
  auto x = uut.by_pidfile({path, "saker-d2$", ""});
  EXPECT_EQ(x.what, kind::refused);
  EXPECT_NE(x.text.find("is not what match describes: saker-d2$"),
            std::string::npos);
  EXPECT_NE(x.text.find("saker-d1"), std::string::npos);
}

TEST_F(daemon_search_test, nobody_points_it_at_saker_or_init) {
  for (auto pid : {::getpid(), 1})
    EXPECT_EQ(uut.by_pidfile({pidfile(pid), "", ""}).what, kind::refused);
}

TEST_F(daemon_search_test, a_file_that_others_may_write_proves_nothing) {
  auto path = pidfile(daemon("saker-d1"), 0666);
  auto x = uut.by_pidfile({path, "", ""});
  EXPECT_EQ(x.what, kind::found);
  EXPECT_FALSE(x.trusted);
  EXPECT_NE(x.text.find("others than root could have written that"),
            std::string::npos);
}

TEST_F(daemon_search_test, needs_root_a_user_may_name_his_own_processes_only) {
  SAKER_NEEDS_ROOT();
  auto what = shell("");
  what.argv = {"/bin/sh", "-c", "echo up; kill -STOP $$", "saker-d3"};
  what.user = "65534";
  what.groups = {"65534"};
  auto& his = run(what);
  EXPECT_EQ(line(), "up");
  auto path = pidfile(his.pid);
  ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
  ASSERT_EQ(::chown(dir.path().c_str(), 65534, 65534), 0);
  auto start = start_of("saker-d3");
  EXPECT_TRUE(uut.by_pidfile({path, "", "65534", start}).trusted);
  EXPECT_FALSE(uut.by_pidfile({path, "", "", start}).trusted);
  EXPECT_FALSE(uut.by_pidfile({path, "", "65533", start}).trusted);
  auto roots = daemon("saker-d3");
  std::ofstream{path} << roots << '\n';
  EXPECT_FALSE(uut.by_pidfile({path, "", "65534", start}).trusted);
}

TEST_F(daemon_search_test, q11c_finds_one_by_what_it_looks_like) {
  auto pid = daemon("saker-d4");
  auto x = match("saker-d4$");
  EXPECT_EQ(x.what, kind::found) << x.text;
  EXPECT_EQ(x.who.pid, pid);
  EXPECT_TRUE(x.trusted);
  x = match("saker-d5$");
  EXPECT_EQ(x.what, kind::nobody);
  EXPECT_EQ(x.text, "no process fits match \"saker-d5$\"");
}

TEST_F(daemon_search_test, q11c_names_all_that_could_be_it) {
  auto first = daemon("saker-d6");
  auto second = daemon("saker-d6");
  auto x = match("saker-d6$");
  EXPECT_EQ(x.what, kind::several);
  for (auto pid : {first, second})
    EXPECT_NE(x.text.find("pid " + std::to_string(pid) + " ("),
              std::string::npos)
      << x.text;
  EXPECT_NE(x.text.find("fits 2 processes"), std::string::npos);
  EXPECT_NE(x.text.find("saker-d6)"), std::string::npos);
}

TEST_F(daemon_search_test, what_it_forked_is_not_another_one) {
  auto what = shell("");
  what.argv = {"/bin/sh", "-c",
               "(echo up; kill -STOP $(cut -d' ' -f4 /proc/self/stat); :) & "
               "wait; :",
               "saker-d7"};
  auto& child = run(what);
  EXPECT_EQ(line(), "up");
  auto x = match("saker-d7$");
  EXPECT_EQ(x.what, kind::found) << x.text;
  EXPECT_EQ(x.who.pid, child.pid);
  ::kill(-child.pid, SIGKILL);
}

TEST_F(daemon_search_test, needs_root_does_not_take_what_others_started) {
  SAKER_NEEDS_ROOT();
  auto what = shell("");
  what.argv = {"/bin/sh", "-c", "echo up; kill -STOP $$", "saker-d8"};
  what.user = "65534";
  what.groups = {"65534"};
  auto& his = run(what);
  EXPECT_EQ(line(), "up");
  // It descends from us: the keeper is to say from what.
  auto x = match("saker-d8$");
  EXPECT_EQ(x.what, kind::found);
  EXPECT_FALSE(x.trusted);
  EXPECT_TRUE(match("saker-d8$", "65534").trusted);
  // To another keeper he is a stranger.
  uut = daemon_search{0x3fffff};
  x = match("saker-d8$");
  EXPECT_EQ(x.what, kind::nobody);
  EXPECT_NE(x.text.find("not taken, because others than root could have "
                        "started it: pid "
                        + std::to_string(his.pid)),
            std::string::npos)
    << x.text;
}

/// An expression for exactly this command line.
std::string exactly(const std::string& cmdline) {
  std::string pattern = "^";
  for (auto c : cmdline)
    pattern += std::isalnum(static_cast<unsigned char>(c)) != 0
                 ? std::string{c}
                 : "[" + std::string{c == '^' || c == ']' ? "\\" : ""} + c
                     + "]";
  return pattern + "$";
}

TEST_F(daemon_search_test, init_is_no_daemon_of_a_service) {
  auto init = find_process(1);
  if (!init || init->cmdline.find('\\') != std::string::npos)
    GTEST_SKIP() << "init cannot be seen here";
  auto x = match(exactly(init->cmdline));
  EXPECT_EQ(x.what, kind::nobody);
  EXPECT_NE(x.text.find("; not counted, because neither init nor Saker itself "
                        "is a daemon of a service: pid 1 ("),
            std::string::npos)
    << x.text;
  // Nor does it hide its children.
  auto pid = daemon("saker-d10");
  x = match("(" + exactly(init->cmdline) + ")|saker-d10$");
  EXPECT_EQ(x.what, kind::found) << x.text;
  EXPECT_EQ(x.who.pid, pid);
}

TEST_F(daemon_search_test, many_rules_take_one_walk) {
  auto pid = daemon("saker-d9");
  std::vector<daemon_rule> rules = {
    {"", "saker-d9$", ""}, {"", "saker-none$", ""}, {"", "x", "no-such-user"}};
  auto found = uut.by_match(rules);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].who.pid, pid);
  EXPECT_EQ(found[1].what, kind::nobody);
  EXPECT_EQ(found[2].text, "there is no user no-such-user");
}

} // namespace
} // namespace saker::process

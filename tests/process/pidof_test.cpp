#include "process/pidof.hpp"

#include "process/account.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace saker::process {
namespace {

/// A child that sleeps under a name of its own.
class sleeper {
public:
  explicit sleeper(const std::string& name, const std::string& lock = {}) {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      if (!lock.empty()) {
        auto fd = ::open(lock.c_str(), O_RDWR);
        struct flock whole = {};
        whole.l_type = F_WRLCK;
        whole.l_whence = SEEK_SET;
        ::fcntl(fd, F_SETLK, &whole);
      }
      // Ready when exec has closed it.
      ::fcntl(ready[1], F_SETFD, FD_CLOEXEC);
      ::close(ready[0]);
      ::execlp("sleep", name.c_str(), "1000", nullptr);
      ::_exit(1);
    }
    ::close(ready[1]);
    char c = 0;
    EXPECT_EQ(::read(ready[0], &c, 1), 0);
    ::close(ready[0]);
  }

  sleeper(const sleeper&) = delete;
  sleeper& operator=(const sleeper&) = delete;

  ~sleeper() {
    end();
  }

  /// Kills and reaps it; the signal that ended it.
  int end() {
    if (pid_ == 0)
      return 0;
    ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

  /// Waits for its end.
  int signal() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

  pid_t pid() const {
    return pid_;
  }

private:
  pid_t pid_ = 0;
};

class pidof_test : public ::testing::Test {
protected:
  std::string write(const std::string& text) {
    return dir.write("a.pid", text).string();
  }

  std::string write(pid_t pid) {
    return write(std::to_string(pid) + "\n");
  }

  pid_t found(const daemon_marks& marks) {
    auto x = find_daemon(marks);
    EXPECT_TRUE(x) << x.error().detail;
    return x ? x->pid : 0;
  }

  failure lost(const daemon_marks& marks) {
    auto x = find_daemon(marks);
    EXPECT_FALSE(x);
    return x ? failure{} : x.error();
  }

  /// As if it had been written long ago.
  void age(const std::string& file) {
    timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
    ::utimensat(AT_FDCWD, file.c_str(), times, 0);
  }

  std::string name = "saker-pidof-" + std::to_string(::getpid());
  test::temporary_directory dir;
};

TEST_F(pidof_test, finds_the_process_of_a_pidfile) {
  sleeper child{name};
  auto file = write(child.pid());
  EXPECT_EQ(found({.pidfile = file}), child.pid());
  EXPECT_EQ(found({.pidfile = file, .match = "^" + name + " 1000$"}),
            child.pid());
}

TEST_F(pidof_test, q11a_a_stale_pidfile_leads_to_nobody) {
  sleeper stranger{name};
  auto file = write(stranger.pid());
  age(file); // the stranger began after it was written
  auto why = lost({.pidfile = file});
  EXPECT_EQ(why.code, errc::refused);
  EXPECT_NE(why.detail.find("began after the file was written"),
            std::string::npos)
    << why.detail;
  // What matches is the one that is meant.
  EXPECT_EQ(found({.pidfile = file, .match = name}), stranger.pid());
  EXPECT_EQ(lost({.pidfile = file, .match = "nginx"}).code, errc::refused);
  auto pid = stranger.pid();
  stranger.end();
  why = lost({.pidfile = file});
  EXPECT_EQ(why.code, errc::not_found);
  EXPECT_NE(why.detail.find(std::to_string(pid)), std::string::npos);
}

TEST_F(pidof_test, q11b_a_lock_is_a_proof) {
  auto file = write("0\n");
  sleeper child{name, file};
  // In place: a new file would not be locked.
  auto fd = ::open(file.c_str(), O_WRONLY | O_TRUNC);
  auto text = std::to_string(child.pid());
  EXPECT_GT(::write(fd, text.data(), text.size()), 0);
  ::close(fd);
  age(file);
  EXPECT_EQ(found({.pidfile = file}), child.pid());
}

TEST_F(pidof_test, needs_root_a_file_others_may_write_proves_nothing) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root has something to lose";
  sleeper child{name};
  auto file = write(child.pid());
  ::chmod(file.c_str(), 0666);
  EXPECT_EQ(::chown(file.c_str(), 65534, 65534), 0);
  auto why = lost({.pidfile = file});
  EXPECT_EQ(why.code, errc::refused);
  EXPECT_NE(why.detail.find("others may write"), std::string::npos);
  EXPECT_EQ(lost({.pidfile = file, .match = name}).code, errc::refused);
  EXPECT_EQ(found({.pidfile = file, .user = "root"}), child.pid());
  EXPECT_EQ(lost({.pidfile = file, .user = "65534"}).code, errc::refused);
}

TEST_F(pidof_test, tells_what_is_wrong_with_a_pidfile) {
  EXPECT_EQ(lost({.pidfile = "/nowhere/x.pid"}).code, errc::not_found);
  EXPECT_EQ(lost({.pidfile = write("")}).code, errc::syntax);
  EXPECT_EQ(lost({.pidfile = write("4194304\n")}).code, errc::not_found);
  EXPECT_EQ(lost({.pidfile = dir.path().string()}).code, errc::refused);
  EXPECT_EQ(lost({}).code, errc::invalid_argument);
}

TEST_F(pidof_test, q11c_finds_the_only_process_that_matches) {
  sleeper child{name};
  EXPECT_EQ(found({.match = "^" + name + " "}), child.pid());
  EXPECT_EQ(found({.match = "^" + name, .user = std::to_string(::geteuid())}),
            child.pid());
  EXPECT_EQ(lost({.match = "^" + name, .user = "12345"}).code, errc::not_found);
  EXPECT_EQ(lost({.match = "^" + name + "x"}).code, errc::not_found);
  EXPECT_EQ(lost({.match = "("}).code, errc::syntax);
  EXPECT_EQ(lost({.match = name, .user = "nobody-here"}).code, errc::not_found);
  sleeper twin{name};
  auto why = lost({.match = "^" + name});
  EXPECT_EQ(why.code, errc::refused);
  for (auto pid : {child.pid(), twin.pid()})
    EXPECT_NE(why.detail.find(std::to_string(pid)), std::string::npos)
      << why.detail;
}

TEST_F(pidof_test, signals_exactly_that_process) {
  sleeper child{name};
  auto who = find_daemon({.match = "^" + name});
  ASSERT_TRUE(who);
  EXPECT_TRUE(signal_pid(child.pid(), 0));
  auto other = signal_pid(child.pid(), SIGTERM, who->start_time + 1);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, errc::not_found);
  EXPECT_NE(other.error().detail.find("another one"), std::string::npos);
  EXPECT_TRUE(signal_pid(child.pid(), SIGTERM, who->start_time));
  EXPECT_EQ(child.signal(), SIGTERM);
}

TEST_F(pidof_test, knows_what_saker_started) {
  sleeper child{name};
  EXPECT_TRUE(is_ours(child.pid()));
  EXPECT_TRUE(is_ours(::getpid()));
  EXPECT_FALSE(is_ours(1));
  EXPECT_FALSE(is_ours(::getppid()));
  EXPECT_FALSE(is_ours(4'194'304));
  EXPECT_TRUE(descends_from(child.pid(), ::getpid()));
  EXPECT_TRUE(descends_from(child.pid(), ::getppid()));
  EXPECT_FALSE(descends_from(child.pid(), child.pid()));
  EXPECT_FALSE(descends_from(::getpid(), child.pid()));
}

TEST_F(pidof_test, signals_neither_init_nor_itself) {
  for (auto pid : {0, 1, -1, ::getpid(), ::getppid()}) {
    auto x = signal_pid(pid, 0);
    ASSERT_FALSE(x) << pid;
    EXPECT_EQ(x.error().code, errc::refused) << pid;
  }
  EXPECT_EQ(signal_pid(4'194'304, 0).error().code, errc::not_found);
}

TEST(account_test, finds_users_by_name_and_number) {
  EXPECT_EQ(*find_uid("root"), 0u);
  EXPECT_EQ(*find_uid("4711"), 4711u);
  auto x = find_uid("nobody-here");
  ASSERT_FALSE(x);
  EXPECT_EQ(x.error(),
            fail(errc::not_found, "there is no user \"nobody-here\""));
}

} // namespace
} // namespace saker::process

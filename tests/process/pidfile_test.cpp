#include "process/pidfile.hpp"

#include "process/identity.hpp"
#include "tests/process/children.hpp"

#include <fstream>

#include <sys/stat.h>
#include <sys/wait.h>

namespace saker::process {
namespace {

using namespace test;
using namespace std::chrono_literals;

class pidfile_test : public ::testing::Test {
protected:
  pidfile_test() {
    ::chmod(dir.path().c_str(), 0755);
  }

  std::string file(const std::string& name, const std::string& content,
                   mode_t mode = 0644) {
    std::ofstream{dir / name} << content;
    ::chmod((dir / name).c_str(), mode);
    return dir / name;
  }

  errc refusal(const std::string& path) {
    auto x = read_pidfile(path);
    return x ? errc::none : x.error().code;
  }

  /// Runs `check` in another process: one's own locks do not show.
  template <class Check>
  bool elsewhere(Check check) {
    auto pid = ::fork();
    if (pid == 0)
      ::_exit(check() ? 0 : 1);
    auto status = -1;
    return ::waitpid(pid, &status, 0) == pid && status == 0;
  }

  temp_dir dir;
};

TEST_F(pidfile_test, is_read_in_every_form_that_daemons_write) {
  for (auto text : {"123", "123\n", " 123 \r\n", "123\nmore\nlines\n"})
    EXPECT_EQ(read_pidfile(file("p", text))->pid, 123) << text;
  EXPECT_EQ(read_pidfile(file("p", std::string{"123\n\0", 5}))->pid, 123);
  EXPECT_EQ(read_pidfile(file("p", std::string{"123\0", 4}))->pid, 123);
}

TEST_F(pidfile_test, is_refused_when_its_first_line_is_no_pid) {
  for (auto text :
       {"", "\n123", "abc", "12x", "-5", "0", "99999999999999", "1 2"})
    EXPECT_EQ(refusal(file("p", text)), errc::syntax) << text;
  auto why = read_pidfile(file("p", "\x1b[2J\n"));
  EXPECT_EQ(why.error().detail.find('\x1b'), std::string::npos);
}

TEST_F(pidfile_test, is_refused_when_it_is_not_a_plain_file) {
  EXPECT_EQ(refusal(dir / "absent"), errc::not_found);
  EXPECT_EQ(refusal("/dev/zero"), errc::refused);
  EXPECT_EQ(refusal(dir.path()), errc::refused);
  ASSERT_EQ(::symlink(file("p", "1").c_str(), (dir / "link").c_str()), 0);
  EXPECT_EQ(refusal(dir / "link"), errc::refused);
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(refusal(dir / "fifo"), errc::refused) << "and does not wait";
}

TEST_F(pidfile_test, is_read_to_4_KiB_only) {
  EXPECT_EQ(read_pidfile(file("p", "7\n" + std::string(100'000, 'x')))->pid, 7);
  EXPECT_EQ(refusal(file("p", std::string(100'000, ' ') + "7")), errc::syntax);
}

TEST_F(pidfile_test, is_trusted_when_only_we_can_write_it) {
  EXPECT_TRUE(read_pidfile(file("p", "7"))->trusted) << "/tmp is sticky";
  EXPECT_EQ(read_pidfile(dir / "p")->owner, ::geteuid());
  EXPECT_FALSE(read_pidfile(file("p", "7", 0664))->trusted);
  EXPECT_FALSE(read_pidfile(file("p", "7", 0646))->trusted);
  file("p", "7", 0600);
  ::chmod(dir.path().c_str(), 0775);
  EXPECT_FALSE(read_pidfile(dir / "p")->trusted);
  ::chmod(dir.path().c_str(), 01777);
  EXPECT_TRUE(read_pidfile(dir / "p")->trusted);
}

TEST_F(pidfile_test, is_not_trusted_behind_a_directory_that_others_control) {
  ASSERT_EQ(::mkdir((dir / "open").c_str(), 0777), 0);
  ::chmod((dir / "open").c_str(), 0777);
  ASSERT_EQ(::mkdir((dir / "open/closed").c_str(), 0700), 0);
  file("open/closed/p", "7");
  EXPECT_FALSE(trusted_path(dir / "open/closed/p"));
  // Not by way of a link of ours either: the real way counts as well.
  ASSERT_EQ(::symlink((dir / "open/closed").c_str(), (dir / "way").c_str()), 0);
  EXPECT_FALSE(trusted_path(dir / "way/p"));
  ::chmod((dir / "open").c_str(), 0755);
  EXPECT_TRUE(trusted_path(dir / "way/p"));
  // And the way that is written: others could change the link itself.
  ASSERT_EQ(::mkdir((dir / "loose").c_str(), 0700), 0);
  ::chmod((dir / "loose").c_str(), 0777);
  ASSERT_EQ(::symlink((dir / "open").c_str(), (dir / "loose/link").c_str()), 0);
  EXPECT_FALSE(trusted_path(dir / "loose/link/closed/p"));
  EXPECT_FALSE(trusted_path("relative/p"));
  EXPECT_FALSE(trusted_path(""));
}

TEST_F(pidfile_test, needs_root_is_not_trusted_when_another_user_owns_it) {
  SAKER_NEEDS_ROOT();
  auto path = file("p", "7");
  ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
  EXPECT_FALSE(read_pidfile(path)->trusted);
  EXPECT_EQ(read_pidfile(path)->owner, 65534u);
  ASSERT_EQ(::chown(path.c_str(), 0, 0), 0);
  ASSERT_EQ(::chown(dir.path().c_str(), 65534, 65534), 0);
  EXPECT_FALSE(read_pidfile(path)->trusted);
}

TEST_F(pidfile_test, shows_the_holder_of_its_lock_to_others) {
  auto path = dir / "lock";
  EXPECT_EQ(lock_holder(path).error().code, errc::not_found);
  auto lock = instance_lock::acquire(
    path, std::chrono::system_clock::time_point{1'700'000'000s});
  ASSERT_TRUE(lock);
  EXPECT_TRUE(elsewhere([&] {
    auto holder = lock_holder(path);
    return holder && *holder == ::getppid();
  }));
  // Last, since reading it here costs the lock: that is how these locks are.
  EXPECT_EQ(*read_proc(path), std::to_string(::getpid()) + "\n1700000000\n"
                                + to_string(this_boot()) + "\n");
}

TEST_F(pidfile_test, names_pid_and_time_of_who_is_there_first) {
  auto path = dir / "lock";
  auto lock = instance_lock::acquire(
    path, std::chrono::system_clock::time_point{1'700'000'000s});
  ASSERT_TRUE(lock);
  EXPECT_TRUE(elsewhere([&] {
    auto second = instance_lock::acquire(path, {});
    return !second && second.error().code == errc::pidfile_locked
           && second.error().detail
                == path + ": held by pid " + std::to_string(::getppid())
                     + " since 2023-11-14 22:13:20Z";
  }));
  // The loser has not touched what the holder wrote.
  EXPECT_EQ(*read_proc(path), std::to_string(::getpid()) + "\n1700000000\n"
                                + to_string(this_boot()) + "\n");
}

TEST_F(pidfile_test, is_free_again_when_its_holder_is_gone) {
  auto path = file("lock", "a longer stale content that has to go\n");
  { ASSERT_TRUE(instance_lock::acquire(path, {})); }
  EXPECT_TRUE(elsewhere([&] {
    return lock_holder(path) && !*lock_holder(path)
           && instance_lock::acquire(path, {});
  }));
  EXPECT_EQ(read_proc(path)->find("stale"), std::string::npos);
}

/// Another process that holds a lock of `type` until this object ends.
class other_holder {
public:
  other_holder(const std::string& path, int flags, short type) {
    int ready[2];
    int over[2];
    EXPECT_EQ(::pipe(ready) + ::pipe(over), 0);
    pid = ::fork();
    if (pid == 0) {
      ::close(over[1]);
      struct flock lock = {};
      lock.l_type = type;
      auto fd = ::open(path.c_str(), flags);
      auto held = ::fcntl(fd, F_SETLK, &lock) == 0;
      char c = held ? 'y' : 'n';
      (void)!::write(ready[1], &c, 1);
      (void)!::read(over[0], &c, 1); // until the test closes its end
      ::_exit(0);
    }
    ::close(ready[1]);
    ::close(over[0]);
    char c = 0;
    EXPECT_EQ(::read(ready[0], &c, 1), 1);
    EXPECT_EQ(c, 'y');
    ::close(ready[0]);
    end_.reset(over[1]);
  }

  ~other_holder() {
    end_.reset();
    ::waitpid(pid, nullptr, 0);
  }

  pid_t pid = 0;

private:
  unique_fd end_;
};

TEST_F(pidfile_test, is_ours_whoever_reads_it) {
  auto path = file("lock", "1\n");
  other_holder reader{path, O_RDONLY, F_RDLCK};
  auto file = open_locked(path.c_str());
  unique_fd fd{file.fd};
  ASSERT_TRUE(fd) << file.error;
  EXPECT_EQ(write_locked(fd.get(), "2\n", 2, 0644), 0);
  EXPECT_EQ(*read_proc(path), "2\n"); // the lock is gone with that
  struct stat about = {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0644u);
}

TEST_F(pidfile_test, is_not_ours_while_another_one_writes_it) {
  auto path = file("lock", "1\n");
  other_holder writer{path, O_RDWR, F_WRLCK};
  auto x = open_locked(path.c_str());
  EXPECT_EQ(x.fd, -1);
  EXPECT_EQ(x.error, EAGAIN);
  EXPECT_TRUE(x.opened);
  EXPECT_EQ(x.holder, writer.pid);
  EXPECT_EQ(*read_proc(path), "1\n");
}

TEST_F(pidfile_test, of_an_instance_cannot_be_locked_by_others) {
  auto path = file("lock", "1\n"); // as an earlier version left it
  other_holder reader{path, O_RDONLY, F_RDLCK};
  auto lock = instance_lock::acquire(path, {});
  ASSERT_TRUE(lock) << lock.error().detail;
  struct stat about = {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0600u);
}

TEST_F(pidfile_test, remembers_in_which_boot_it_was_held_before) {
  auto path = dir / "lock";
  EXPECT_EQ(instance_lock::acquire(path, {})->boot_before(), "");
  EXPECT_EQ(instance_lock::acquire(path, {})->boot_before(),
            to_string(this_boot()));
  file("lock", "12\n1700000000\nanother\n");
  EXPECT_EQ(instance_lock::acquire(path, {})->boot_before(), "another");
  file("lock", "12\n1700000000\n"); // as an earlier version left it
  EXPECT_EQ(instance_lock::acquire(path, {})->boot_before(), "");
}

TEST_F(pidfile_test, never_locks_a_link_or_a_device) {
  ASSERT_EQ(::symlink(file("victim", "x").c_str(), (dir / "link").c_str()), 0);
  EXPECT_EQ(instance_lock::acquire(dir / "link", {}).error().code,
            errc::refused);
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(instance_lock::acquire(dir / "fifo", {}).error().code,
            errc::refused);
  EXPECT_EQ(instance_lock::acquire(dir / "no/where", {}).error().code,
            errc::not_found);
  EXPECT_EQ(*read_proc(dir / "victim"), "x");
}

} // namespace
} // namespace saker::process

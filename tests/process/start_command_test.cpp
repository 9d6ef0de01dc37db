#include "process/start_command.hpp"

#include "process/script_line.hpp"
#include "tests/process/children.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <sys/wait.h>

namespace saker::process {
namespace {

using namespace test;

/// What is asked is how they were started, so all of them just sleep.
class start_command_test : public spawning_test {
protected:
  /// One that runs this, once exec is done.
  proc_entry start(const std::vector<std::string>& argv) {
    auto what = shell("");
    what.argv = argv;
    auto who = find_process(run(what).pid);
    EXPECT_TRUE(who);
    return who.value_or(proc_entry{});
  }

  static start_command command(std::vector<std::string> argv) {
    return {std::move(argv), "/", "/usr/bin:/bin"};
  }

  std::string script(const std::string& name, const std::string& text) {
    auto path = dir / name;
    std::ofstream{path} << text;
    ::chmod(path.c_str(), 0755);
    return path;
  }
};

TEST_F(start_command_test, q11a_knows_its_program_and_its_arguments) {
  auto who = start({"/bin/sleep", "1000"});
  EXPECT_TRUE(was_started_by(command({"/bin/sleep", "1000"}), who));
  EXPECT_TRUE(was_started_by(command({"sleep", "1000"}), who));
  EXPECT_TRUE(was_started_by({{"./sleep", "1000"}, "/bin", ""}, who));
  EXPECT_TRUE(was_started_by(command({"sleep"}), who)); // asks for none
  EXPECT_FALSE(was_started_by(command({"sleep", "100"}), who));
  EXPECT_FALSE(was_started_by(command({"sleep", "1000", "1"}), who));
  EXPECT_FALSE(was_started_by(command({"/bin/cat", "1000"}), who));
  EXPECT_FALSE(was_started_by(command({"nowhere", "1000"}), who));
  EXPECT_FALSE(was_started_by({}, who));
}

TEST_F(start_command_test, knows_one_that_has_written_a_title_around_them) {
  auto who = start({"/bin/sleep", "1000", "1"});
  auto it = command({"/bin/sleep", "1000", "1"});
  who.cmdline = "nginx: master process /bin/sleep 1000 1";
  EXPECT_TRUE(was_started_by(it, who));
  who.cmdline = "sshd: /bin/sleep 1000 1 [listener] 0 of 10";
  EXPECT_TRUE(was_started_by(it, who));
  who.cmdline = "redis-server 127.0.0.1:6379";
  EXPECT_FALSE(was_started_by(it, who));
  who.cmdline = "/bin/sleep 1000 10";
  EXPECT_FALSE(was_started_by(it, who));
}

TEST_F(start_command_test, an_interpreter_may_run_anything) {
  auto who = start({"/bin/sh", "-c", "kill -STOP $$", "saker-s1"});
  EXPECT_TRUE(was_started_by(
    command({"/bin/sh", "-c", "kill -STOP $$", "saker-s1"}), who));
  EXPECT_FALSE(was_started_by(command({"/bin/sh", "-c", "true"}), who));
}

TEST_F(start_command_test, knows_a_script_by_its_path_and_its_interpreter) {
  auto path = script("daemon", "#!/bin/sh\nkill -STOP $$\n");
  auto other = script("other", "#!/bin/sh\nkill -STOP $$\n");
  auto who = start({path, "-f"});
  EXPECT_TRUE(was_started_by(command({path, "-f"}), who));
  EXPECT_TRUE(was_started_by({{"daemon", "-f"}, "/", dir.path()}, who));
  EXPECT_FALSE(was_started_by(command({path, "-g"}), who));
  EXPECT_FALSE(was_started_by(command({other, "-f"}), who));
  // Who edits it is not the daemon.
  auto editor = start({"/usr/bin/tail", "-f", path});
  EXPECT_FALSE(was_started_by(command({path}), editor));
}

TEST_F(start_command_test, looks_for_the_interpreter_that_env_finds) {
  auto path = script("daemon", "#!/usr/bin/env sh\nkill -STOP $$\n");
  auto what = shell("");
  what.argv = {path};
  auto& child = run(what);
  // First env, then sh: a stopped one is what it will be.
  siginfo_t info{};
  ASSERT_EQ(
    ::waitid(P_PID, static_cast<id_t>(child.pid), &info, WSTOPPED | WNOWAIT),
    0);
  auto who = find_process(child.pid);
  ASSERT_TRUE(who);
  EXPECT_TRUE(was_started_by(command({path}), *who));
}

TEST_F(start_command_test, knows_a_program_that_was_replaced_since) {
  auto path = dir / "sleep";
  std::filesystem::copy_file("/bin/sleep", path);
  auto who = start({path, "1000"});
  std::filesystem::copy_file("/bin/sleep", dir / "new");
  std::filesystem::rename(dir / "new", path);
  EXPECT_TRUE(was_started_by(command({path, "1000"}), who));
}

TEST_F(start_command_test, does_not_know_one_that_is_gone) {
  auto what = shell("");
  what.argv = {"/bin/sleep", "1000"};
  auto& child = run(what);
  auto who = find_process(child.pid);
  ASSERT_TRUE(who);
  signal_process(child.pidfd.get(), SIGKILL);
  await_end(child.pidfd.get());
  child.pidfd.reset();
  EXPECT_FALSE(was_started_by(command({"/bin/sleep", "1000"}), *who));
}

TEST(script_line_test, is_taken_apart_as_linux_does_it) {
  auto parts = [](std::string_view text) {
    auto x = parse_script_line(text);
    return x.interpreter + '|' + x.argument;
  };
  EXPECT_EQ(parse_script_line("#!/bin/sh\nexit\n").interpreter, "/bin/sh");
  EXPECT_EQ(parts("#! \t/bin/sh -e -u \nexit\n"), "/bin/sh|-e -u");
  EXPECT_EQ(parts("#!/bin/sh"), "/bin/sh|");
  for (auto text : {"", "#", "#!", "#!\n/bin/sh", "#!  \n", "echo #!/bin/sh"})
    EXPECT_EQ(parts(text), "|") << text;
}

} // namespace
} // namespace saker::process

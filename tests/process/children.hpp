#pragma once

#include "process/identity.hpp"
#include "process/output_fifo.hpp"
#include "process/proc_stat.hpp"
#include "process/spawn.hpp"
#include "process/wait.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

/// For tests with real children: a directory, a spawner, and ways to wait for
/// conditions with a deadline that only a broken machine reaches.
namespace saker::test {

constexpr int deadline_ms = 20'000;

/// The same with paths as strings, which POSIX wants.
class temp_dir {
public:
  temp_dir() : path_(directory_.path().string()) {
    // nop
  }

  std::string operator/(const std::string& name) const {
    return path_ + '/' + name;
  }

  const std::string& path() const {
    return path_;
  }

private:
  temporary_directory directory_;
  std::string path_;
};

/// Whether `fd` becomes readable (or ends) before the deadline.
inline bool await_readable(int fd) {
  pollfd x{fd, POLLIN, 0};
  return ::poll(&x, 1, deadline_ms) == 1;
}

/// Reads until the line is complete; empty at the deadline.
inline std::string read_line(int fd) {
  std::string line;
  for (char c = 0; await_readable(fd) && ::read(fd, &c, 1) == 1;) {
    if (c == '\n')
      return line;
    line += c;
  }
  return line + "(cut)";
}

/// Follows the report to its end.
inline process::spawn_progress finish(process::spawn_report& report) {
  auto progress = report.read();
  while (std::holds_alternative<process::spawn_pending>(progress)) {
    if (!await_readable(report.fd()))
      break;
    progress = report.read();
  }
  return progress;
}

/// Waits until the set-up is at `step`. The page it is told by wakes nobody,
/// so this looks again and again, between waits on the pipe.
inline bool
await_step(const process::spawn_report& report, process::spawn_step step) {
  pollfd x{report.fd(), POLLIN, 0};
  for (auto n = 0; n < deadline_ms; ++n)
    if (report.pending().step == step || ::poll(&x, 1, 1) != 0)
      break;
  return report.pending().step == step;
}

/// Waits for the end of our child and reaps it.
inline std::optional<process::ending> await_end(int pidfd) {
  if (!await_readable(pidfd))
    return std::nullopt;
  auto x = process::reap(pidfd);
  return x ? *x : std::nullopt;
}

/// Our open descriptors: number to target and flags.
inline std::map<int, std::string>
open_fds(const std::string& process = "self") {
  std::map<int, std::string> found;
  std::error_code ec;
  for (auto& x :
       std::filesystem::directory_iterator("/proc/" + process + "/fd", ec)) {
    auto target = std::filesystem::read_symlink(x.path(), ec).string();
    if (target.find("/proc/") != 0) // the iterator's own
      found[std::stoi(x.path().filename())] = target;
  }
  return found;
}

inline std::vector<int> numbers(const std::map<int, std::string>& fds) {
  std::vector<int> found;
  for (auto& x : fds)
    found.push_back(x.first);
  return found;
}

/// `SigBlk` and the like, from /proc/<pid>/status, trimmed.
inline std::string status_field(pid_t pid, const std::string& name) {
  auto text = process::read_proc("/proc/" + std::to_string(pid) + "/status");
  auto at = text ? text->find(name + ":\t") : std::string::npos;
  if (at == std::string::npos)
    return "(none)";
  auto begin = at + name.size() + 2;
  auto line = text->substr(begin, text->find('\n', begin) - begin);
  line.erase(line.find_last_not_of(" \t") + 1);
  return line;
}

/// One spawner per process, as in the keeper; what the shell or the build left
/// open is closed first.
inline process::spawner& the_spawner() {
  static auto instance = [] {
    ::close_range(STDERR_FILENO + 1, ~0u, 0);
    return std::make_unique<process::spawner>(*process::spawner::make());
  }();
  return *instance;
}

/// A fixture whose children end with the test, whatever happens in it.
class spawning_test : public ::testing::Test {
protected:
  spawning_test() : hands(the_spawner()) {
    // nop
  }

  ~spawning_test() override {
    for (auto& x : kept)
      if (x.pidfd) {
        process::signal_process(x.pidfd.get(), SIGKILL);
        await_end(x.pidfd.get());
      }
    EXPECT_TRUE(process::children().empty()) << "a child was left behind";
  }

  /// A spec whose output this test can read, line by line, from `reader`.
  process::spec shell(const std::string& script) {
    process::spec x;
    x.argv = {"/bin/sh", "-c", script};
    x.env = {"PATH=/usr/bin:/bin"};
    x.out = {process::output_kind::fifo,
             *process::output_path(dir.path(), "test#0"), -1};
    EXPECT_TRUE(process::create_output_fifo(x.out.path));
    if (!reader.fd)
      reader = *process::open_output_fifo(x.out.path);
    return x;
  }

  /// Spawns and demands that the program runs.
  process::started& run(const process::spec& what) {
    auto child = hands.spawn(what);
    EXPECT_TRUE(child) << to_string(child.error());
    kept.push_back(child ? std::move(*child) : process::started{});
    if (child) {
      auto progress = finish(kept.back().report);
      EXPECT_TRUE(std::holds_alternative<process::spawn_done>(progress));
    }
    return kept.back();
  }

  /// Spawns, demands a failure of the set-up and reaps the child.
  process::spawn_failure
  failure_of(const process::spec& what,
             const std::optional<process::spawn_fault>& fault = {}) {
    auto child = hands.spawn(what, fault);
    if (!child)
      return child.error();
    auto progress = finish(child->report);
    EXPECT_TRUE(await_end(child->pidfd.get()));
    auto why = std::get_if<process::spawn_failure>(&progress);
    return why ? *why : process::spawn_failure{};
  }

  /// What is wrong with our own descriptors.
  std::string complaint() const {
    auto verdict = hands.check();
    return verdict ? "" : verdict.error().detail;
  }

  std::string line() {
    return read_line(reader.fd.get());
  }

  temp_dir dir;
  process::spawner& hands;
  process::fifo_reader reader;
  std::deque<process::started>
    kept; ///< a deque: run gives references to its elements
};

} // namespace saker::test

/// Skips with the reason: some tests change user or owner.
#define SAKER_NEEDS_ROOT()                                                     \
  if (::geteuid() != 0)                                                        \
  GTEST_SKIP() << "needs root: it changes user or owner"

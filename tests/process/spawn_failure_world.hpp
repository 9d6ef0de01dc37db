#pragma once

#include "tests/process/children.hpp"

#include <fstream>
#include <map>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::test {

/// T-C12, T-C18: whatever goes wrong between fork and exec is told with step,
/// errno and object, leaves no child, no descriptor and no changed signal mask.
class spawn_failure_world : public spawning_test {
protected:
  spawn_failure_world() {
    what = shell("exit 0");
    fds = open_fds();
    mask = status_field(::getpid(), "SigBlk");
  }

  ~spawn_failure_world() override {
    kept.clear();
    EXPECT_EQ(open_fds(), fds);
    EXPECT_EQ(status_field(::getpid(), "SigBlk"), mask);
    EXPECT_EQ(complaint(), "");
  }

  void expect(process::spawn_step step, int error, const std::string& path) {
    auto found = failure_of(what);
    found.hint.clear();
    EXPECT_EQ(found, (process::spawn_failure{step, error, path}));
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

  process::spec what;
  std::map<int, std::string> fds;
  std::string mask;
};

} // namespace saker::test

#pragma once

#include "tests/process/children.hpp"

#include <string>

#include <sys/types.h>

namespace saker::test {

/// Children that say when they are what they will be, and stay so: what they
/// got can then be looked at.
class spawn_world : public spawning_test {
protected:
  /// Runs `script`, which stops itself when it has said "ready".
  process::started& run_to_stop(process::spec what) {
    auto& child = run(what);
    EXPECT_EQ(line(), "ready");
    return child;
  }

  // The shell itself stays, so that nothing is loaded or opened any more.
  const std::string stop = "echo ready; kill -STOP $$";

  std::string limit_line(pid_t pid, const std::string& name) {
    auto text = process::read_proc("/proc/" + std::to_string(pid) + "/limits");
    auto at = text ? text->find(name) : std::string::npos;
    return at == std::string::npos
             ? "(none)"
             : text->substr(at, text->find('\n', at) - at);
  }
};

} // namespace saker::test

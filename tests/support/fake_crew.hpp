#pragma once

#include "io/crew.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <utility>

namespace saker::test {

/// Threads without threads: jobs run when the test says so, one by one. A job
/// that is "stuck" calls back into the test from inside.
class fake_crew final : public io::crew {
public:
  ~fake_crew() override {
    EXPECT_TRUE(jobs.empty()) << "a job was never run";
  }

  void run(std::function<void()> job) override {
    jobs.push_back(std::move(job));
  }

  bool grow() override {
    return stuck++ < spare;
  }

  void shrink() override {
    EXPECT_GT(stuck, 0u) << "nobody is stuck";
    --stuck;
  }

  std::size_t able() const noexcept override {
    return threads + std::min(stuck, spare) - stuck;
  }

  bool may_grow() const noexcept override {
    return stuck < spare;
  }

  /// Runs the next job; whether there was one and a thread for it.
  bool run_one() {
    if (jobs.empty() || able() == 0)
      return false;
    auto job = std::move(jobs.front());
    jobs.pop_front();
    job();
    return true;
  }

  std::size_t threads = 2;
  std::size_t spare = 8;
  std::size_t stuck = 0;
  std::deque<std::function<void()>> jobs;
};

} // namespace saker::test

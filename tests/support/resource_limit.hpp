#pragma once

#include <gtest/gtest.h>

#include <csignal>

#include <sys/resource.h>

namespace saker::test {

/// Lowers a limit of this process until the end of the scope. With
/// RLIMIT_FSIZE writing beyond it fails with EFBIG: a full disk for everybody.
class resource_limit {
public:
  resource_limit(__rlimit_resource_t what, rlim_t soft) : what_(what) {
    EXPECT_EQ(::getrlimit(what_, &before_), 0);
    auto now = before_;
    now.rlim_cur = soft;
    EXPECT_EQ(::setrlimit(what_, &now), 0);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }

  resource_limit(const resource_limit&) = delete;
  resource_limit& operator=(const resource_limit&) = delete;

  ~resource_limit() {
    lift();
  }

  void lift() {
    EXPECT_EQ(::setrlimit(what_, &before_), 0);
    std::signal(SIGXFSZ, handler_);
  }

private:
  __rlimit_resource_t what_;
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

} // namespace saker::test

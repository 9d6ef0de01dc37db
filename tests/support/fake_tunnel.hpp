#pragma once

#include "io/tunnel.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

namespace saker::test {

/// A link whose other side is the test.
class fake_tunnel final : public io::tunnel {
public:
  fake_tunnel(std::string to, std::string said, io::tunnel_events events)
    : where(std::move(to)), hello(std::move(said)), events_(std::move(events)) {
    // nop
  }

  // -- the other side

  void greet(std::string text) {
    if (!closed)
      events_.greeted(std::move(text));
  }

  void fail(std::string why) {
    if (std::exchange(closed, true))
      return;
    events_.closed(saker::fail(errc::io, std::move(why)));
  }

  // -- this side

  result<unique_fd> join() override {
    EXPECT_FALSE(closed) << "joined a closed link";
    EXPECT_FALSE(std::exchange(joined, true)) << "joined twice";
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
      return system_failure("make", "a socket pair", errno);
    inner_ = unique_fd{ends[0]};
    return unique_fd{ends[1]};
  }

  void close() override {
    closed = true;
    events_ = {};
  }

  std::string address() const override {
    return where;
  }

  io::tunnel_figures figures() const override {
    return carried;
  }

  std::string where;
  std::string hello; ///< what this side says
  io::tunnel_figures carried;
  bool joined = false;
  bool closed = false;

private:
  io::tunnel_events events_;
  unique_fd inner_;
};

} // namespace saker::test

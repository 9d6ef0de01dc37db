#pragma once

#include "io/loop.hpp"

#include <caf/all.hpp>
#include <gtest/gtest.h>

#include <cstddef>

namespace saker::test {

struct loop_config : caf::actor_system_config {
  loop_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
  }
};

/// A loop without a thread of its own: a test drains it, or runs it elsewhere.
class loop_world : public ::testing::Test {
protected:
  loop_config cfg;
  caf::actor_system sys{cfg};
  io::loop uut{sys};
};

} // namespace saker::test

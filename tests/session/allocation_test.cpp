// What the hottest path costs: no bytes of the heap for those who do not ask.
// Sanitizers have a heap of their own, which cannot be counted like this.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include "session/slow_log.hpp"
#include "tests/session/world.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t allocations = 0;

} // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (auto x = std::malloc(size == 0 ? 1 : size))
    return x;
  throw std::bad_alloc{};
}

void operator delete(void* x) noexcept {
  std::free(x);
}

void operator delete(void* x, std::size_t) noexcept {
  std::free(x);
}

namespace saker::session {
namespace {

/// Allocations for a read of a hundred commands, once all buffers are warm.
std::size_t cost_of(settings config) {
  session x{7, test::root_peer(),
            std::make_shared<const settings>(std::move(config)), test::at(0)};
  std::string bytes;
  for (int i = 0; i < 100; ++i)
    bytes += "*1\r\n$4\r\nPING\r\n";
  x.feed(bytes, test::at(0));
  EXPECT_EQ(x.take_output().size(), 700u);
  auto before = allocations;
  x.feed(bytes, test::at(0));
  return allocations - before;
}

TEST(allocation_test, monitor_and_slow_log_cost_nothing_while_nobody_asks) {
  auto plain = cost_of(test::default_settings());
  // The output grows; the commands themselves need nothing.
  EXPECT_LT(plain, 20u);
  auto config = test::default_settings();
  config.monitored = std::make_shared<std::atomic<bool>>(false);
  config.slow = std::make_shared<slow_log>(std::chrono::milliseconds{10}, 128);
  EXPECT_EQ(cost_of(config), plain);
  config.monitored = std::make_shared<std::atomic<bool>>(true);
  EXPECT_GT(cost_of(config), plain) << "or it measures nothing";
}

} // namespace
} // namespace saker::session

#endif

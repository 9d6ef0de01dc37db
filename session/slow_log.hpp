#pragma once

#include "resp/value.hpp"
#include "session/latency_monitor.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::session {

/// One command that took long, as SLOWLOG GET tells it.
struct slow_command {
  std::int64_t id = 0;
  std::chrono::system_clock::time_point at;
  std::chrono::microseconds took{0};
  std::vector<std::string> words; ///< cut, see `shortened`
  std::string address;
  std::string client; ///< its name
};

/// The words of a command as SLOWLOG keeps them: at most 32, of at most 128
/// bytes each; what is left out is counted, as in Redis.
std::vector<std::string> shortened(std::span<const std::string_view> words);

struct slow_log_clocks {
  std::function<std::chrono::steady_clock::time_point()> steady
    = std::chrono::steady_clock::now;
  std::function<std::chrono::system_clock::time_point()> wall
    = std::chrono::system_clock::now;
};

/// The latest commands on which the node worked longer than it should.
/// Commands are measured where they are carried out: by the session, by an
/// actor for the time that its handler takes, by a script for the time that Lua
/// runs. To wait is no work. Any thread.
/// Whoever measures them tells `latencies` too.
class slow_log {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using microseconds = std::chrono::microseconds;

  using clocks = slow_log_clocks;

  /// `slower_than`: negative switches it off, zero takes every command.
  /// `length`: as many are kept; 0 switches it off too.
  slow_log(microseconds slower_than, std::size_t length, clocks with = {})
    : slower_than_(slower_than.count()), length_(length),
      clocks_(std::move(with)), latencies_(clocks_.wall) {
    // nop
  }

  time_point now() const {
    return clocks_.steady();
  }

  microseconds slower_than() const noexcept {
    return microseconds{slower_than_.load(std::memory_order_relaxed)};
  }

  std::size_t length() const noexcept {
    return length_.load(std::memory_order_relaxed);
  }

  void set_slower_than(microseconds x) noexcept {
    slower_than_.store(x.count(), std::memory_order_relaxed);
  }

  /// What is too much by a shorter one is gone at once.
  void set_length(std::size_t x);

  bool enabled() const noexcept {
    return slower_than().count() >= 0 && length() > 0;
  }

  /// Somebody wants to know how long commands take.
  bool measures() const noexcept {
    return enabled() || latencies_.enabled();
  }

  latency_monitor& latencies() noexcept {
    return latencies_;
  }

  /// Whether that much is worth an entry.
  bool is_slow(std::chrono::nanoseconds took) const noexcept {
    // Whole microseconds: as nanoseconds a large limit would overflow.
    return enabled()
           && std::chrono::duration_cast<microseconds>(took) >= slower_than();
  }

  /// `words` are cut already.
  void add(std::chrono::nanoseconds took, std::vector<std::string> words,
           std::string address, std::string client);

  /// The newest first, at most `count`.
  std::vector<slow_command>
  newest(std::size_t count = std::numeric_limits<std::size_t>::max()) const;

  std::size_t size() const;

  /// Numbers go on.
  void clear();

private:
  std::atomic<std::int64_t> slower_than_;
  std::atomic<std::size_t> length_;
  clocks clocks_;
  latency_monitor latencies_;
  mutable std::mutex mutex_; // guards what follows
  std::deque<slow_command> entries_;
  std::int64_t next_id_ = 0;
};

/// The reply of SLOWLOG GET.
resp::value slow_commands(const std::vector<slow_command>& all);

} // namespace saker::session

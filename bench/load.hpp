#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/connection.hpp"
#include "bench/wire.hpp"

namespace saker::bench {

/// Bytes in front of each payload: publisher, number and time.
inline constexpr std::size_t header_size = 16;

struct settings {
  std::string protocol = "resp2"; ///< `resp2`, `resp3` or `nats`
  std::uint16_t port = 6379;
  unsigned subscribers = 1;
  unsigned publishers = 1;
  unsigned in_flight = 1;
  std::uint64_t messages = 10'000; ///< over all publishers
  unsigned size = 64;              ///< bytes of payload
  unsigned patience = 20;          ///< seconds without progress
  unsigned idle_patterns = 0;      ///< that match nothing
  unsigned idle_channels = 0;      ///< to which nobody publishes
  bool ping = false;          ///< one more client asks PING again and again
  std::vector<int> pids = {}; ///< processes of the server
};

/// N subscribers listen to one channel, M publishers keep K publishes in flight
/// each, until all messages are sent and all deliveries arrived. Every payload
/// carries publisher, number and time, so that loss, order and latency are
/// seen. One thread, epoll, loopback.
class load {
public:
  explicit load(const settings& given);

  void connect();
  void run();

  /// One line of `key=value` words.
  void print() const;

private:
  using clock = std::chrono::steady_clock;

  enum class role { subscriber, publisher, pinger, idler };

  struct client {
    role is;
    unsigned number;
    std::unique_ptr<connection> socket = {};
    std::uint64_t sent = 0;
    std::uint64_t quota = 0;            ///< publisher: messages to send
    std::deque<std::size_t> asked = {}; ///< … of them, for each `said::done`
    std::vector<std::uint64_t> last = {}; ///< subscriber: numbers per publisher
    clock::time_point since = {};         ///< pinger
  };

  client& add(role is, unsigned number);
  void wait_for(client& who, std::size_t count);
  void subscribe_idly(unsigned count, std::string_view before,
                      std::string_view after, bool is_pattern);
  void ping(client& who);
  void publish(client& who, std::size_t count);
  void message(client& who, std::string_view payload);
  void done(client& who);
  void serve(client& who, std::uint32_t events);

  template <class F>
  void read(client& who, F f);

  bool finished() const {
    return replied_ == settings_.messages
           && delivered_ >= settings_.messages * settings_.subscribers;
  }

  settings settings_;
  int epoll_;
  std::unique_ptr<wire> wire_;
  std::vector<std::unique_ptr<client>> clients_;
  std::uint64_t replied_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t out_of_order_ = 0;
  std::vector<std::uint32_t> latencies_; ///< microseconds of deliveries …
  std::vector<std::uint32_t> pings_;     ///< … and of PINGs
  double seconds_ = 0;
  double cpu_seconds_ = 0; ///< of the server meanwhile
};

} // namespace saker::bench

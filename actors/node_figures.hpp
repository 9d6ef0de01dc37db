#pragma once

#include "actors/rate_meter.hpp"
#include "actors/recent_maximum.hpp"
#include "session/command_statistics.hpp"

#include <atomic>
#include <cstdint>

namespace saker {

/// A counter that one thread writes and any thread reads: costs the writer a
/// plain load and store.
class figure {
public:
  void add(std::int64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n,
                 std::memory_order_relaxed);
  }

  void set(std::int64_t x) noexcept {
    value_.store(x, std::memory_order_relaxed);
  }

  std::int64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<std::int64_t> value_{0};
};

/// What INFO tells of this node. Written on the I/O thread only, those of the
/// services by the SAMPLER only.
struct node_figures {
  figure loading_services; ///< 1: not all are known, but clients are there
  figure loading_scripts;  ///< 1: likewise
  figure clients;          ///< connected now
  figure blocked;          ///< … of them: in a command that may take long
  figure tracking;         ///< … that asked for tracking
  figure connections;      ///< accepted since the start
  figure rejected;         ///< over max-clients
  figure commands;         ///< carried out
  figure input_bytes;
  figure reads;
  figure writes;
  figure output_bytes; ///< handed to sockets
  figure unsent_bytes; ///< waiting in all clients together
  figure held_bytes;   ///< … of commands that are not carried out yet
  figure cut_off;      ///< clients that did not read
  figure channels;
  figure patterns;
  figure shards; ///< channels of SSUBSCRIBE
  figure published;
  figure delivered;
  figure services_rss;       ///< bytes, when somebody looked last
  figure services_cpu;       ///< … tenths of a percent of one CPU
  figure services_processes; ///< …

  // -- I/O thread only, apart from the second

  session::command_statistics statistics;              ///< of clients
  session::command_statistics script_statistics{true}; ///< any thread
  rate_meter rates;
  recent_maximum input_peak;  ///< bytes of one client that were not read
  recent_maximum output_peak; ///< … not sent

  rate_meter::totals totals() const noexcept {
    return {commands.get(), input_bytes.get(), output_bytes.get()};
  }

  /// What CONFIG RESETSTAT forgets.
  void forget() {
    for (auto* x : {&connections, &rejected, &commands, &input_bytes, &reads,
                    &writes, &output_bytes, &cut_off, &published, &delivered})
      x->set(0);
    statistics.reset();
    script_statistics.reset();
    rates = {};
  }
};

} // namespace saker

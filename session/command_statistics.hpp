#pragma once

#include "resp/command_table.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace saker::session {

/// What became of the calls of one command.
struct command_figures {
  std::uint64_t calls = 0; ///< carried out, also those that failed
  std::chrono::nanoseconds time{0};
  std::uint64_t rejected = 0; ///< not carried out: arity, rights …
  std::uint64_t failed = 0;   ///< answered by an error

  bool used() const noexcept {
    return calls > 0 || rejected > 0 || failed > 0;
  }
};

/// How long calls took, in steps of an eighth of a power of two.
class latency_histogram {
public:
  void add(std::chrono::nanoseconds each, std::uint64_t calls) noexcept;
  void add(const latency_histogram& other) noexcept;

  std::uint64_t calls() const noexcept {
    return calls_;
  }

  /// Calls that took less than a power of two of nanoseconds; all from 2^39 on.
  std::uint64_t below(std::chrono::nanoseconds limit) const noexcept;

  /// At most this took `percent` of all calls; 0 without any.
  std::chrono::nanoseconds percentile(double percent) const noexcept;

private:
  static constexpr std::size_t steps = 8;
  static constexpr std::size_t powers = 40; ///< up to 18 minutes

  std::array<std::uint64_t, steps * powers> buckets_{};
  std::uint64_t calls_ = 0;
};

/// What INFO tells of commands and of error replies. For one thread, unless it
/// is `shared`.
class command_statistics {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using clock = time_point (*)();
  using error_counts = std::map<std::string, std::uint64_t, std::less<>>;

  explicit command_statistics(bool shared = false,
                              clock how = std::chrono::steady_clock::now)
    : shared_(shared), clock_(how) {
    // nop
  }

  command_statistics(const command_statistics&) = delete;
  command_statistics& operator=(const command_statistics&) = delete;

  /// The clock of all who measure.
  time_point now() const {
    return clock_();
  }

  /// So many calls were carried out, one after the other, in this time.
  void called(resp::command_id what, std::uint64_t calls,
              std::chrono::nanoseconds time);

  /// More time for calls that were counted: of somebody who helped.
  void helped(resp::command_id what, std::chrono::nanoseconds time);

  void failed(resp::command_id what);
  void rejected(resp::command_id what);

  /// An error reply began with this word: `ERR`, `NOAUTH`. Of all the words
  /// that scripts can make up only the first hundred are told apart.
  void error(std::string_view word);

  void reset();

  /// Adds all of `other`, which may belong to other threads if it is shared.
  void add(const command_statistics& other);

  const command_figures& figures(resp::command_id what) const noexcept {
    return rows_[static_cast<std::size_t>(what)].figures;
  }

  /// Null: it was never called.
  const latency_histogram* latencies(resp::command_id what) const noexcept {
    return rows_[static_cast<std::size_t>(what)].latencies.get();
  }

  const error_counts& errors() const noexcept {
    return errors_;
  }

  /// Error replies, all together.
  std::uint64_t all_errors() const noexcept {
    return all_errors_;
  }

private:
  struct row {
    command_figures figures;
    std::unique_ptr<latency_histogram> latencies;
  };

  std::unique_lock<std::mutex> guard() const {
    return shared_ ? std::unique_lock{mutex_} : std::unique_lock<std::mutex>{};
  }

  row& at(resp::command_id what) noexcept {
    return rows_[static_cast<std::size_t>(what)];
  }

  bool shared_;
  clock clock_;
  mutable std::mutex mutex_;
  std::array<row, 256> rows_; ///< by command_id
  error_counts errors_;
  std::uint64_t all_errors_ = 0;
};

/// Lines of INFO, each with its end: `cmdstat_ping:calls=2,usec=5,…`,
/// `errorstat_ERR:count=5`, `latency_percentiles_usec_ping:p50=2.007,…`.
std::string command_lines(const command_statistics& x);
std::string error_lines(const command_statistics& x);
std::string latency_lines(const command_statistics& x);

} // namespace saker::session

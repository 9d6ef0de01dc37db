#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <signal.h>

namespace saker::process {

/// How a process ended.
struct exit_status {
  enum class kind : std::uint8_t {
    unknown = 0,  ///< ended, but the kernel would not tell us how
    exited = 1,   ///< by itself; `code` is what it returned
    signaled = 2, ///< by a signal; `code` is its number
  };

  kind how = kind::unknown;
  int code = 0;
  bool core = false; ///< signaled only: a core was dumped

  static constexpr exit_status exited(int code) noexcept {
    return {kind::exited, code, false};
  }

  static constexpr exit_status
  signaled(int signal, bool core = false) noexcept {
    return {kind::signaled, signal, core};
  }

  static constexpr exit_status unknown() noexcept {
    return {};
  }

  /// From what waitid filled in.
  static exit_status from(const siginfo_t& info) noexcept;

  /// From the status word of the wait family.
  static exit_status from_wait_status(int status) noexcept;

  /// Exit code 0.
  constexpr bool success() const noexcept {
    return how == kind::exited && code == 0;
  }

  bool operator==(const exit_status&) const = default;
};

/// `exit 1`, `SIGSEGV (core)`, `unknown`.
std::string to_string(const exit_status& x);

/// What a process and its reaped descendants used.
struct usage {
  std::chrono::microseconds user{0};
  std::chrono::microseconds system{0};
  std::uint64_t max_rss = 0; ///< bytes

  bool operator==(const usage&) const = default;
};

/// `TERM`, `SIGTERM`, `sigterm`, `15`, `RTMIN+1`, `RTMAX-2`.
std::optional<int> signal_number(std::string_view name) noexcept;

/// `SIGTERM`, `SIGRTMIN+1`; `signal 77` for a number that has no name.
std::string signal_name(int number);

} // namespace saker::process

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace saker::link {

/// A point of CLOCK_BOOTTIME: survives node and keeper, not a reboot.
using stamp = std::chrono::nanoseconds;

/// What the kernel, or the keeper, said about the end of a child.
enum class end_kind : std::uint8_t {
  exited = 0,   ///< number is the exit status
  signaled = 1, ///< number is the signal
  unknown = 2,  ///< ended, but the kernel could not tell how
  failed = 3,   ///< never ran: number is an errno, step says where
};

/// How one child ended. Kept by the keeper until it is acknowledged.
struct end_record {
  end_kind kind = end_kind::unknown;
  int number = 0;
  bool core = false; ///< a core file was written
  std::string step;  ///< failed only: what was tried, for example `exec`
  std::string path;  ///< failed only: on which path, may be empty
  std::string hint;  ///< failed only: what more is known, may be empty
  std::chrono::microseconds user{0};
  std::chrono::microseconds system{0};
  std::uint64_t max_rss = 0; ///< bytes
  std::uint32_t orphans = 0; ///< left-behind processes that were killed
  stamp ended{0};

  bool operator==(const end_record&) const = default;
};

/// `exited`, `signaled`, `unknown` or `failed`.
const char* to_string(end_kind x) noexcept;

} // namespace saker::link

#pragma once

#include "base/result.hpp"
#include "supervision/sequencer.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace saker {

/// What SVLOG was asked for.
struct log_request {
  enum class action : std::uint8_t { tail, rotate, clear };
  enum class stream : std::uint8_t { out, err };

  static constexpr std::uint32_t most_lines = 10'000;

  std::string name;
  action what = action::tail;
  std::uint32_t count = 20;   ///< lines
  std::optional<stream> from; ///< nothing: all there are
  bool text = false;          ///< for eyes
};

/// `name [COUNT n] [STREAM out|err] [TEXT]`, `name ROTATE`, `name CLEAR`; the
/// options in any order. Fails: `errc::syntax`, with what may be typed.
result<log_request> parse_log_request(std::span<const std::string> args);

/// What SVLIFE was asked for.
struct life_request {
  static constexpr std::uint32_t most_events = 10'000;

  std::string mask;
  std::uint32_t count = 50;
  /// The first `count` behind this one; nothing: the last ones.
  std::optional<supervision::event_id> after = {};
  bool text = false;
  bool json = false; ///< as they were published
};

/// `mask [COUNT n] [SINCE id|ms] [JSON|TEXT]`, the options in any order. Fails:
/// `errc::syntax`.
result<life_request> parse_life_request(std::span<const std::string> args);

/// What SVAUDIT was asked for.
struct audit_request {
  static constexpr std::uint32_t most_entries = 10'000;

  std::uint32_t count = 50;
  std::string user; ///< empty: of all
};

/// `[COUNT n] [USER name]`, in any order. Fails: `errc::syntax`.
result<audit_request> parse_audit_request(std::span<const std::string> args);

} // namespace saker

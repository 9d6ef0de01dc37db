#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace saker::session {

/// One parameter of CONFIG GET and CONFIG SET.
struct parameter_info {
  enum class kind : std::uint8_t {
    text,
    yes_no,
    integer,
    memory,            ///< bytes: `64mb`
    memory_or_percent, ///< `64mb` or `5%`
    choice,            ///< one of `words`
    output_limits,     ///< `normal 0 0 0 …`: adds to what was there
    save_points,       ///< `3600 1 300 100`
    event_classes,     ///< letters
    percentiles,       ///< `50 99 99.9`
    three_integers,
    host_name,
    tls,         ///< 0: there is none
    fixed,       ///< by the start
    guarded,     ///< likewise, in other words
    hosts,       ///< `127.0.0.1 -::1`
    socket_path, ///< absolute, or none
  };

  std::string_view name; ///< lower case
  kind type = kind::text;
  std::string_view usual; ///< unless the configuration says otherwise
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::string_view words = {};   ///< `a, b, c`
  std::string_view same_as = {}; ///< the newer name of the same parameter
};

/// All that Redis 7.0 has, in alphabetical order.
std::span<const parameter_info> all_parameters() noexcept;

/// In any case; null if there is none.
const parameter_info* find_parameter(std::string_view name);

/// What CONFIG GET tells once this was set while `present` was its value.
/// Fails with the reason in the words of Redis: `argument must be …`.
result<std::string>
normal_form(const parameter_info& what, std::string_view text,
            std::string_view present);

/// The bytes of `64mb`, as Redis reads it: `k` is 1000, `kb` 1024.
result<std::uint64_t> parse_memory(std::string_view text);

} // namespace saker::session

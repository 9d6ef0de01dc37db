#pragma once

#include "keeper/table.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

/// The table as bytes: a header in slot 0, then one record per row. Each stands
/// for itself: one that is damaged takes no other along. Pure.
namespace saker::keeper {

inline constexpr std::size_t record_size = 1024;

using record = std::array<char, record_size>;

/// What slot 0 says.
struct image_header {
  process::boot_id boot{}; ///< pids and stamps mean nothing after a reboot
  std::uint64_t last_spawn_id = 0;

  bool operator==(const image_header&) const = default;
};

/// Texts that are too long for their field are cut; the protocol's limits keep
/// that from happening. `boot`: in which it is written.
record encode_record(const entry& x, const process::boot_id& boot);
record encode_header(const image_header& x);

/// The row of `slot`; nothing if the slot is empty; `corrupt` with the reason
/// if it is neither. Bytes of any kind are harmless. `who.boot` tells of which
/// boot it is; pids and stamps of another one mean nothing.
result<std::optional<entry>>
decode_record(std::string_view bytes, std::uint32_t slot);
result<image_header> decode_header(std::string_view bytes);

} // namespace saker::keeper

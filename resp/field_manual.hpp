#pragma once

#include <span>
#include <string>
#include <string_view>

namespace saker::resp {

/// A field of a reply or an event, as the manual tells it.
struct field_row {
  std::string_view name;
  std::string_view meaning;
};

/// Of a row of SVSTATUS, in that order.
std::span<const field_row> status_fields() noexcept;

/// Of an event on `saker:NODE:SERVICE:EVENT`.
std::span<const field_row> event_fields() noexcept;

/// Of NODE INFO, in that order.
std::span<const field_row> node_fields() noexcept;

/// All of them as tables of docs/commands.md.
std::string field_manual();

} // namespace saker::resp

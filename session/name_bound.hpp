#pragma once

#include "resp/command_table.hpp"

#include <span>
#include <string>
#include <string_view>

namespace saker::session {

/// Why a command is not carried out that names more services and masks than one
/// may: each is compared with each service, and all others wait. Empty: it may.
/// Options do not count.
std::string too_many_names(const resp::command_info& what,
                           std::span<const std::string_view> args);

} // namespace saker::session

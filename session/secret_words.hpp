#pragma once

#include "resp/command_table.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace saker::session {

/// What stands in the place of a secret.
inline constexpr std::string_view redacted = "(redacted)";

/// The words of a command as others may see them: without passwords, also not
/// those of a command that it is only about, as in `ACL DRYRUN ann AUTH x`.
/// `what` is null for a command of a script, or if it is not known. Views into
/// `args`.
std::vector<std::string_view>
without_passwords(const resp::command_info* what,
                  std::span<const std::string_view> args);

/// True if a command of this name, which there is not, may have been meant to
/// take a password: `AUHT`, `LOGIN`.
bool is_nearly_login(std::string_view name);

} // namespace saker::session

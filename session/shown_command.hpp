#pragma once

#include "session/secret_words.hpp"
#include "session/settings.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::session {

/// The words of a command as MONITOR shows them: without passwords, and without
/// the values of what its name calls a secret (`--password x`, `API_TOKEN=x`), as
/// in SVCONFIG. `what` is null for a command of a script, or if it is not known.
/// Whatever tells others of a command takes this or `kept_words`.
std::vector<std::string> shown_words(const resp::command_info* what,
                                     std::span<const std::string_view> args);

/// The same as SLOWLOG keeps them. They are cut first: a word may be as large as
/// a message.
std::vector<std::string> kept_words(const resp::command_info* what,
                                    std::span<const std::string_view> args);

/// `"\x00\n…"`: printable ASCII as it is, all else escaped, as Redis does.
void append_quoted(std::string& out, std::string_view x);

/// One line of MONITOR: `+1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`.
/// `origin` is the address of the client, or `lua`.
std::string
monitor_line(moment now, std::int64_t database, std::string_view origin,
             std::span<const std::string_view> words);

} // namespace saker::session

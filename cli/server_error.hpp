#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace saker::cli {

/// An error reply as a failure that a person understands: without its code,
/// with what to do. `command` is what was sent. errc::unsupported: the server
/// does not know the command; errc::not_permitted, errc::loading,
/// errc::no_such_service by their codes; else errc::refused.
failure failure_of(std::string_view error, std::string_view command);

/// The server names commands of Redis; whoever types `saker` reads its verbs:
/// `SVSTART web starts it` becomes `saker start web starts it`. A command
/// without a verb is sent by `saker exec`.
std::string in_words_of_cli(std::string_view text);

} // namespace saker::cli

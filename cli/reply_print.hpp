#pragma once

#include "resp/value.hpp"

#include <string>

namespace saker::cli {

/// A reply as redis-cli shows it on a terminal: `(integer) 1`, `"text"` with
/// escapes, `1) "a"`, `1# "key" => "item"`, nested lists indented. Ends with a
/// newline.
std::string for_terminal(const resp::value& x);

/// A reply as redis-cli writes it into a pipe: the bytes of each element on a
/// line of its own, null as an empty line.
std::string for_pipe(const resp::value& x);

} // namespace saker::cli

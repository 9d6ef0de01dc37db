#pragma once

#include <string>
#include <string_view>

namespace saker {

/// Appends `x` as a JSON string with its quotes. What is not UTF-8 becomes
/// U+FFFD, so that the text as a whole always is JSON.
void append_json(std::string& out, std::string_view x);

} // namespace saker

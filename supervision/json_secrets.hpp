#pragma once

#include <string>
#include <string_view>

namespace saker::supervision {

/// A text without the values of what JSON in it calls a secret:
/// `{"user": "ann", "password": "***"}`; a list or an object as a whole. Also in
/// single quotes, in JSON that is a string of another one (`\"password\"`), and
/// where the end was cut off.
std::string without_json_secrets(std::string_view text);

} // namespace saker::supervision

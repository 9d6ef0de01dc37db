#pragma once

#include <string_view>

namespace saker::resp {

/// Does this text of an error begin with one of the words that clients go by
/// (`ERR`, `BUSY`, `NOPERM`…)? What a command answered to a script and comes
/// back as the script's own error does, and gets no second one in front.
bool has_error_word(std::string_view text);

} // namespace saker::resp

#pragma once

#include "base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace saker::supervision {

/// What a file of variables says, as systemd reads its EnvironmentFile:
///
///   # a comment, as is a line that begins with ;
///   NAME=value            blanks around the value do not count
///   NAME="two words"      in double quotes, \" \\ \$ \` are those characters
///   NAME='as it is'       in single quotes everything stands for itself
///   NAME=long \           a backslash before the end of the line joins lines
///
/// Nothing is expanded. Of a name that is there twice the last one counts.
/// Fails: `syntax`, as `3: what is wrong` with the number of the line. Such files
/// hold secrets, and whoever names one need not be who may read it: errors quote
/// nothing of them.
result<std::map<std::string, std::string>> parse_env_file(std::string_view x);

/// May a variable be called this? Letters, digits and `_`, no digit first.
bool is_variable_name(std::string_view x) noexcept;

} // namespace saker::supervision

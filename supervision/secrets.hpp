#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace saker::supervision {

/// What stands in the place of a secret.
inline constexpr std::string_view hidden = "***";

/// Does a variable or option of this name hold a secret? If PASS, SECRET, TOKEN
/// or KEY is part of it, in any case.
bool is_secret_name(std::string_view x);

/// A text without the passwords of its URLs: `redis://ann:***@host`.
std::string without_url_passwords(std::string_view text);

/// A command without secrets: the values of `NAME=value`, `--name=value` and
/// `--name value` whose name is one of a secret, also in words that are a text for
/// a shell, those of JSON, and passwords of URLs. A secret under another name
/// stays.
std::vector<std::string> without_secrets(const std::vector<std::string>& argv);

/// The same for the text of a shell.
std::string without_secrets(std::string_view script);

} // namespace saker::supervision

#pragma once

#include <string>
#include <string_view>

namespace saker::test {

inline const std::string no_channel
  = "-NOPERM this user has no permissions to access one of the channels used "
    "as arguments";

inline const std::string as_guest
  = "; you are guest, as all who connect from here but root and Saker's own "
    "user: be one of these, or AUTH default PASSWORD (`saker passwd` makes "
    "one)";

inline std::string
no_command(std::string_view name, const std::string& hint = as_guest) {
  return "-NOPERM this user has no permissions to run the '" + std::string{name}
         + "' command" + hint + "\r\n";
}

} // namespace saker::test

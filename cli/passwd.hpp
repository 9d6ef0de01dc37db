#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace saker::cli {

/// What saker.toml needs for that password. Fails: errc::invalid_argument for
/// an empty one.
result<std::string> password_lines(std::string_view password);

/// A line that is typed without being seen.
class hidden_line {
public:
  enum class state { open, done, given_up };

  /// Takes one byte: Enter ends it, Backspace and Ctrl-U erase, Ctrl-C and
  /// Ctrl-D give up.
  state type(char x);

  const std::string& text() const noexcept {
    return text_;
  }

private:
  std::string text_;
};

/// Asks on the terminal `fd` without showing what is typed; `prompt` goes to
/// standard error. Fails: errc::closed when it is given up or nothing can be
/// read.
result<std::string> read_hidden(int fd, std::string_view prompt);

/// `saker passwd`: twice from a terminal, else one line of standard input.
result<int> make_password();

} // namespace saker::cli

#include "cli/passwd.hpp"

#include "acl/password.hpp"
#include "cli/exit_status.hpp"

#include <cerrno>
#include <iostream>

#include <termios.h>
#include <unistd.h>

namespace saker::cli {

namespace {

constexpr char interrupt = 3;
constexpr char end_of_file = 4;
constexpr char kill_line = 21;
constexpr char backspace = 8;
constexpr char erase = 127;

/// Shows nothing and hands over each byte, until the end of the scope.
class silent_terminal {
public:
  explicit silent_terminal(int fd) : fd_(fd) {
    if (::tcgetattr(fd, &before_) != 0)
      return;
    auto now = before_;
    // Without ISIG, Ctrl-C cannot leave a terminal behind that shows nothing.
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    changed_ = ::tcsetattr(fd, TCSAFLUSH, &now) == 0;
  }

  silent_terminal(const silent_terminal&) = delete;
  silent_terminal& operator=(const silent_terminal&) = delete;

  ~silent_terminal() {
    if (changed_)
      ::tcsetattr(fd_, TCSADRAIN, &before_);
  }

  explicit operator bool() const noexcept {
    return changed_;
  }

private:
  int fd_;
  bool changed_ = false;
  termios before_{};
};

result<std::string> read_twice() {
  auto first = read_hidden(STDIN_FILENO, "New password: ");
  if (!first || first->empty())
    return first;
  auto second = read_hidden(STDIN_FILENO, "The same again: ");
  if (!second)
    return second;
  if (*first != *second)
    return fail(errc::invalid_argument,
                "the two are not the same; nothing was made");
  return first;
}

result<std::string> read_line() {
  std::string line;
  if (!std::getline(std::cin, line))
    return fail(errc::closed, "standard input has no line");
  if (line.ends_with('\r'))
    line.pop_back();
  return line;
}

} // namespace

result<std::string> password_lines(std::string_view password) {
  if (password.empty())
    return fail(errc::invalid_argument, "an empty password protects nothing");
  if (password.size() > acl::longest_password)
    return fail(errc::invalid_argument, "a password can have at most 65536 "
                                        "bytes; no longer one is tried");
  return "[users.default]\npassword-hash = \"" + acl::password_hash(password)
         + "\"\n";
}

hidden_line::state hidden_line::type(char x) {
  switch (x) {
    case interrupt:
    case end_of_file: return state::given_up;
    case '\n':
    case '\r': return state::done;
    case kill_line: text_.clear(); return state::open;
    case backspace:
    case erase: break;
    default: text_ += x; return state::open;
  }
  // A whole UTF-8 character at once.
  while (!text_.empty() && (text_.back() & 0xc0) == 0x80)
    text_.pop_back();
  if (!text_.empty())
    text_.pop_back();
  return state::open;
}

result<std::string> read_hidden(int fd, std::string_view prompt) {
  silent_terminal here{fd};
  if (!here)
    return system_failure("hide", "what is typed", errno);
  std::cerr << prompt << std::flush;
  hidden_line line;
  auto now = hidden_line::state::open;
  for (char c = 0; now == hidden_line::state::open;) {
    auto n = ::read(fd, &c, 1);
    if (n == 1)
      now = line.type(c);
    else if (n == 0 || errno != EINTR)
      now = hidden_line::state::given_up;
  }
  std::cerr << std::endl;
  if (now == hidden_line::state::given_up)
    return fail(errc::closed, "nothing was made");
  return line.text();
}

result<int> make_password() {
  auto password = ::isatty(STDIN_FILENO) == 1 ? read_twice() : read_line();
  if (!password)
    return password.error();
  auto lines = password_lines(*password);
  if (!lines)
    return lines.error();
  std::cout << *lines << std::flush;
  return fine;
}

} // namespace saker::cli

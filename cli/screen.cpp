#include "cli/screen.hpp"

#include "base/text.hpp"

#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace saker::cli {

namespace {

std::string_view environment_word(const char* name) {
  // This program has one thread.
  auto* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
  return value ? value : "";
}

} // namespace

bool colours_wanted(std::string_view term, std::string_view no_color) {
  return no_color.empty() && !term.empty() && term != "dumb";
}

bool speaks_utf8(std::string_view lc_all, std::string_view lc_ctype,
                 std::string_view lang) {
  auto locale = !lc_all.empty() ? lc_all : !lc_ctype.empty() ? lc_ctype : lang;
  // `de_DE.UTF-8@euro`
  auto dot = locale.find('.');
  if (dot == std::string_view::npos)
    return false;
  auto name = locale.substr(dot + 1);
  name = name.substr(0, name.find('@'));
  return equal_ignoring_case(name, "UTF-8")
         || equal_ignoring_case(name, "UTF8");
}

screen screen_of(int fd) {
  screen x;
  x.utf8 = speaks_utf8(environment_word("LC_ALL"), environment_word("LC_CTYPE"),
                       environment_word("LANG"));
  x.terminal = ::isatty(fd) == 1;
  if (!x.terminal)
    return x;
  x.colour = colours_wanted(environment_word("TERM"),
                            environment_word("NO_COLOR"));
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    x.width = size.ws_col;
    x.height = size.ws_row > 0 ? size.ws_row : x.height;
  }
  return x;
}

} // namespace saker::cli

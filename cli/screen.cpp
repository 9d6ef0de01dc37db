#include "cli/screen.hpp"

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

screen screen_of(int fd) {
  screen x;
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

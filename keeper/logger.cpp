#include "keeper/logger.hpp"

#include "base/log_line.hpp"

#include <unistd.h>

namespace saker::keeper {

void logger::write(level severity, const std::string& text) {
  link::log_line line{severity, log_line(text, 2048)};
  if (sink_ && sink_(line))
    return;
  auto bytes = "saker-keeper: " + std::string{link::to_string(severity)} + ": "
               + line.text + '\n';
  // Nobody to tell when even stderr is gone.
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, bytes.data(),
                                          bytes.size());
}

} // namespace saker::keeper

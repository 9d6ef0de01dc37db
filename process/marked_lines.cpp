#include "process/marked_lines.hpp"

namespace saker::process {

marked_lines::marked_lines(std::string_view mark)
  : mark_('[' + std::string{mark} + "] ") {
  // nop
}

std::string marked_lines::feed(std::string_view bytes) {
  std::string result;
  if (!cut_)
    lines_.feed(bytes, [&](std::string_view line) { add(result, line); });
  return result;
}

std::string marked_lines::finish() {
  std::string result;
  if (!cut_)
    lines_.finish([&](std::string_view line) { add(result, line); });
  return result;
}

void marked_lines::add(std::string& to, std::string_view line) {
  if (cut_)
    return;
  used_ += mark_.size() + line.size() + 1;
  cut_ = used_ > most;
  if (cut_)
    line = "saker: it wrote more than 1 MiB; the rest is left out";
  to.append(mark_).append(line).append(1, '\n');
}

} // namespace saker::process

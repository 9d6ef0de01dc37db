#include "base/result.hpp"

#include <cstring>

namespace saker {

failure
system_failure(std::string_view verb, std::string_view object, int number) {
  std::string text{verb};
  text += ' ';
  text += object;
  text += ": ";
  text += errno_text(number);
  return fail(errc::io, std::move(text));
}

std::string_view errno_name(int number) noexcept {
  auto name = strerrorname_np(number);
  return name ? name : "unknown";
}

std::string errno_text(int number) {
  auto text = strerrordesc_np(number); // thread safe, never translated
  return text ? text : "error " + std::to_string(number);
}

} // namespace saker

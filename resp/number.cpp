#include "resp/number.hpp"

#include <charconv>
#include <cmath>

namespace saker::resp {

std::optional<std::int64_t> strict_integer(std::string_view x) noexcept {
  if (x.size() == 1) { // mostly: it counts words, or their letters
    auto digit = static_cast<unsigned char>(x[0] - '0');
    return digit < 10 ? std::optional<std::int64_t>{digit} : std::nullopt;
  }
  auto digits = x.substr(!x.empty() && x.front() == '-' ? 1 : 0);
  if (digits.empty() || digits.front() < '1' || digits.front() > '9')
    return std::nullopt;
  std::int64_t result = 0;
  auto [end, ec] = std::from_chars(x.data(), x.data() + x.size(), result);
  if (ec != std::errc{} || end != x.data() + x.size())
    return std::nullopt;
  return result;
}

void append_integer(std::string& out, std::int64_t x) {
  if (x >= 0 && x < 10) {
    out += static_cast<char>('0' + x);
    return;
  }
  char text[24];
  auto end = std::to_chars(text, text + sizeof(text), x).ptr;
  out.append(text, end);
}

void append_double(std::string& out, double x) {
  if (std::isnan(x)) {
    out += "nan"; // never "-nan"
    return;
  }
  char text[32];
  auto end = std::to_chars(text, text + sizeof(text), x).ptr;
  out.append(text, end);
}

} // namespace saker::resp

#include "base/figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace saker {

namespace {

template <class... Ts>
std::string format(const char* how, Ts... xs) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), how, xs...);
  return text.data();
}

} // namespace

std::string size_figure(std::uint64_t bytes) {
  if (bytes < 1024)
    return std::to_string(bytes);
  auto x = static_cast<double>(bytes);
  const char* unit = "KMGTPE";
  x /= 1024;
  // 1023.5 would read as 1024 of the smaller unit.
  while (x >= 1023.5) {
    x /= 1024;
    ++unit;
  }
  return format(x < 9.95 ? "%.1f%c" : "%.0f%c", x, *unit);
}

std::string percent_figure(double percent) {
  if (!std::isfinite(percent) || percent < 0.05)
    return "0%";
  return format(percent < 0.95 ? "%.1f%%" : "%.0f%%", percent);
}

std::string age_figure(std::chrono::milliseconds x) {
  auto seconds = std::max<long long>(
    0, std::chrono::duration_cast<std::chrono::seconds>(x).count());
  auto days = seconds / 86'400;
  if (days >= 100)
    return format("%lldd %02lldh", days, seconds / 3'600 % 24);
  if (days > 0)
    return format("%lldd %02lld:%02lld", days, seconds / 3'600 % 24,
                  seconds / 60 % 60);
  return format("%02lld:%02lld:%02lld", seconds / 3'600, seconds / 60 % 60,
                seconds % 60);
}

} // namespace saker

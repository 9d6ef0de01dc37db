#include "cli/figures.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace saker::cli {

namespace {

template <class... Ts>
std::string format(const char* how, Ts... xs) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), how, xs...);
  return text.data();
}

} // namespace

std::string age(std::chrono::milliseconds x) {
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

} // namespace saker::cli

#include "lua/host.hpp"

#include "base/text.hpp"

#include <array>

namespace saker::lua {

namespace {

constexpr std::array<std::string_view, 8> level_names = {
  "fatal", "critical", "error", "warning", "notice", "info", "debug", "trace",
};

} // namespace

std::string_view to_string(log_level x) noexcept {
  auto i = static_cast<std::size_t>(x) - 1;
  return i < level_names.size() ? level_names[i] : "unknown";
}

result<log_level> parse_log_level(std::string_view x) {
  std::string known;
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (equal_ignoring_case(x, level_names[i]))
      return static_cast<log_level>(i + 1);
    known += (i == 0 ? "" : ", ") + std::string{level_names[i]};
  }
  return fail(errc::invalid_argument,
              "no log level \"" + printable(x) + "\": use one of " + known);
}

} // namespace saker::lua

#include "process/wall_time.hpp"

#include "base/text.hpp"
#include "process/proc_stat.hpp"

#include <array>
#include <ctime>

#include <unistd.h>

namespace saker::process {

std::string utc_text(std::int64_t seconds) {
  auto when = static_cast<std::time_t>(seconds);
  std::tm parts = {};
  std::array<char, 32> text{};
  if (!::gmtime_r(&when, &parts)
      || std::strftime(text.data(), text.size(), "%F %TZ", &parts) == 0)
    return std::to_string(seconds);
  return text.data();
}

std::optional<std::int64_t> wall_time_of(std::uint64_t start_time) {
  constexpr std::size_t limit = std::size_t{1} << 20; // a line per interrupt
  auto text = read_proc("/proc/stat", limit);
  auto ticks = ::sysconf(_SC_CLK_TCK);
  if (!text || ticks <= 0)
    return std::nullopt;
  constexpr std::string_view name = "btime ";
  for (auto line : split(*text, '\n'))
    if (line.starts_with(name))
      if (auto boot = parse_integer(line.substr(name.size())))
        return *boot
               + static_cast<std::int64_t>(start_time
                                           / static_cast<std::uint64_t>(ticks));
  return std::nullopt;
}

} // namespace saker::process

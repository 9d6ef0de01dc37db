#include "process/proc_stat.hpp"

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "process/posix.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>

#include <fcntl.h>
#include <unistd.h>

namespace saker::process {

namespace {

// The fields behind the name, counted from the state, which is number 3 in
// the manual.
constexpr std::size_t field_state = 0;
constexpr std::size_t field_parent = 1;
constexpr std::size_t field_group = 2;
constexpr std::size_t field_session = 3;
constexpr std::size_t field_flags = 6;
constexpr std::size_t field_user_ticks = 11;
constexpr std::size_t field_system_ticks = 12;
constexpr std::size_t field_threads = 17;
constexpr std::size_t field_start_time = 19;
constexpr std::size_t field_rss = 21;
constexpr std::size_t fields_needed = 22;

template <class T>
T read_number(std::string_view x) {
  T value{};
  std::from_chars(x.data(), x.data() + x.size(), value);
  return value;
}

/// In nanoseconds.
std::uint64_t tick() noexcept {
  static const auto per_second
    = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_CLK_TCK)));
  return 1'000'000'000 / per_second;
}

} // namespace

std::optional<proc_stat> parse_stat(std::string_view text) {
  // The name may contain blanks and parentheses: the last one ends it.
  auto open = text.find('(');
  auto close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos
      || close < open || close + 2 > text.size())
    return std::nullopt;
  auto fields = split(trim(text.substr(close + 1)), ' ');
  if (fields.size() < fields_needed || fields[field_state].size() != 1)
    return std::nullopt;
  proc_stat x;
  x.pid = read_number<pid_t>(text.substr(0, open));
  x.comm = text.substr(open + 1, close - open - 1);
  x.state = fields[field_state].front();
  x.parent = read_number<pid_t>(fields[field_parent]);
  x.group = read_number<pid_t>(fields[field_group]);
  x.session = read_number<pid_t>(fields[field_session]);
  x.flags = read_number<std::uint64_t>(fields[field_flags]);
  x.user_ticks = read_number<std::uint64_t>(fields[field_user_ticks]);
  x.system_ticks = read_number<std::uint64_t>(fields[field_system_ticks]);
  x.threads = read_number<std::uint64_t>(fields[field_threads]);
  x.start_time = read_number<std::uint64_t>(fields[field_start_time]);
  x.rss_pages = read_number<std::uint64_t>(fields[field_rss]);
  return x.pid > 0 ? std::optional{std::move(x)} : std::nullopt;
}

std::optional<proc_stat> read_stat(pid_t pid) {
  auto text = read_proc("/proc/" + std::to_string(pid) + "/stat");
  return text ? parse_stat(*text) : std::nullopt;
}

std::chrono::nanoseconds since_boot(std::uint64_t ticks) noexcept {
  return std::chrono::nanoseconds{static_cast<std::int64_t>(ticks * tick())};
}

std::uint64_t ticks_since_boot(std::chrono::nanoseconds x) noexcept {
  return static_cast<std::uint64_t>(x.count()) / tick();
}

std::optional<std::string>
read_proc(const std::string& path, std::size_t limit) {
  unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
  if (!fd)
    return std::nullopt;
  std::string text;
  std::array<char, 4096> piece; // NOLINT(*-member-init): read into
  while (text.size() < limit) {
    auto got
      = retry([&] { return ::read(fd.get(), piece.data(), piece.size()); });
    if (got < 0)
      return std::nullopt; // ESRCH: it vanished between open and read
    if (got == 0)
      break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

result<void>
each_number(const std::string& folder, const std::function<bool(int)>& visit) {
  directory_handle dir{::opendir(folder.c_str())};
  if (!dir)
    return system_failure("open", folder, errno);
  // Nobody else reads from this DIR. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (auto entry = ::readdir(dir.get())) {
    auto number = parse_integer(entry->d_name);
    if (number && !visit(static_cast<int>(*number)))
      break;
  }
  return {};
}

} // namespace saker::process

#include "process/mount_table.hpp"

#include "base/unique_fd.hpp"
#include "process/posix.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

namespace saker::process {

namespace {

std::string_view next_word(std::string_view& line) {
  auto end = line.find(' ');
  auto word = line.substr(0, end);
  line.remove_prefix(end == line.npos ? line.size() : end + 1);
  return word;
}

/// `254:1`; nothing if it is not of that form.
std::optional<std::uint64_t> parse_device(std::string_view x) {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  auto end = x.data() + x.size();
  auto first = std::from_chars(x.data(), end, major);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':')
    return std::nullopt;
  auto second = std::from_chars(first.ptr + 1, end, minor);
  if (second.ec != std::errc{} || second.ptr != end)
    return std::nullopt;
  return std::uint64_t{major} << 32 | minor;
}

/// The kernel writes blanks and backslashes as `\040`.
std::string unescaped(std::string_view x) {
  std::string result;
  for (std::size_t i = 0; i < x.size(); ++i) {
    unsigned code = 0;
    if (x[i] == '\\' && i + 4 <= x.size()
        && std::from_chars(&x[i + 1], &x[i] + 4, code, 8).ptr == &x[i] + 4) {
      result += static_cast<char>(code);
      i += 3;
    } else {
      result += x[i];
    }
  }
  return result;
}

bool lies_below(std::string_view path, std::string_view point) {
  if (point == "/")
    return true;
  return path.starts_with(point)
         && (path.size() == point.size() || path[point.size()] == '/');
}

} // namespace

mount_table mount_table::parse(std::string_view text) {
  mount_table result;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    next_word(line); // its number
    next_word(line); // that of its parent
    auto device = parse_device(next_word(line));
    next_word(line); // which part of the file system
    auto point = next_word(line);
    if (device && point.starts_with('/'))
      result.mounts_.push_back({unescaped(point), *device});
  }
  return result;
}

result<mount_table> mount_table::read() {
  const std::string path = "/proc/self/mountinfo";
  unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd)
    return system_failure("open", path, errno);
  std::string text;
  char buffer[16 * 1024];
  for (;;) {
    auto n = retry([&] { return ::read(fd.get(), buffer, sizeof(buffer)); });
    if (n < 0)
      return system_failure("read", path, errno);
    if (n == 0)
      return parse(text);
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

std::uint64_t mount_table::device_of(std::string_view path) const {
  const mount* found = nullptr;
  for (auto& x : mounts_)
    if (lies_below(path, x.point)
        && (!found || x.point.size() >= found->point.size()))
      found = &x;
  return found ? found->device : 0;
}

bool mount_table::has_point(std::string_view path) const {
  return std::any_of(mounts_.begin(), mounts_.end(),
                     [path](auto& x) { return x.point == path; });
}

} // namespace saker::process

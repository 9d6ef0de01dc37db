#include "config/file.hpp"

#include "base/unique_fd.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::config {

result<std::string>
read_file(const std::filesystem::path& path, std::size_t limit) {
  unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!fd)
    return system_failure("read", path.string(), errno);
  struct stat about {};
  if (::fstat(fd.get(), &about) != 0)
    return system_failure("look at", path.string(), errno);
  if (S_ISDIR(about.st_mode))
    return system_failure("read", path.string(), EISDIR);
  if (!S_ISREG(about.st_mode))
    return fail(errc::refused, "read " + path.string() + ": not a file");
  std::string text;
  std::array<char, 16'384> piece{};
  for (;;) {
    auto n = ::read(fd.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return system_failure("read", path.string(), errno);
    if (n == 0)
      return text;
    text.append(piece.data(), static_cast<std::size_t>(n));
    if (text.size() > limit)
      return fail(errc::limit, "read " + path.string() + ": larger than "
                                 + std::to_string(limit) + " bytes");
  }
}

} // namespace saker::config

#include "process/reserved_fds.hpp"

#include "process/proc_stat.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::process {

namespace {

constexpr const char* null_path = "/dev/null";

result<unique_fd> open_null() {
  unique_fd fd{::open(null_path, O_RDWR | O_CLOEXEC | O_NOCTTY)};
  if (!fd)
    return system_failure("open", null_path, errno);
  return fd;
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

bool closes_on_exec(int fd) {
  auto flags = ::fcntl(fd, F_GETFD);
  return flags >= 0 && (flags & FD_CLOEXEC) != 0;
}

bool same_device(int x, int y) {
  struct stat a = {};
  struct stat b = {};
  return ::fstat(x, &a) == 0 && ::fstat(y, &b) == 0 && S_ISCHR(a.st_mode)
         && a.st_rdev == b.st_rdev;
}

failure offence(int fd, std::string_view why) {
  auto link = "/proc/self/fd/" + std::to_string(fd);
  char target[256];
  auto size = ::readlink(link.c_str(), target, sizeof(target));
  std::string text = "descriptor " + std::to_string(fd) + " (";
  text.append(target, size > 0 ? static_cast<std::size_t>(size) : 0);
  text += "): ";
  text += why;
  return fail(errc::refused, std::move(text));
}

} // namespace

reserved_fds::reserved_fds(unique_fd null) noexcept : null_(std::move(null)) {
  // nop
}

reserved_fds& reserved_fds::operator=(reserved_fds&& other) noexcept {
  // Both name the same numbers, so only the spare handle changes hands.
  null_ = std::move(other.null_);
  return *this;
}

reserved_fds::~reserved_fds() {
  if (null_)
    for (auto number = first; number <= last; ++number)
      ::close(number);
}

result<reserved_fds> reserved_fds::take() {
  for (auto number = 0; number < first; ++number)
    if (!is_open(number) && ::open(null_path, O_RDWR | O_NOCTTY) != number)
      return system_failure("open", null_path, errno);
  auto null = open_null();
  if (!null)
    return null.error();
  auto spare = move_up(std::move(*null));
  if (!spare)
    return spare.error();
  for (auto number = first; number <= last; ++number)
    if (::dup3(spare->get(), number, O_CLOEXEC) < 0)
      return system_failure("reserve", "descriptor " + std::to_string(number),
                            errno);
  return reserved_fds{std::move(*spare)};
}

int reserved_fds::lend(int source, int number) const noexcept {
  return ::dup3(source, number, O_CLOEXEC) < 0 ? errno : 0;
}

void reserved_fds::refill(int number) const noexcept {
  ::dup3(null_.get(), number, O_CLOEXEC);
}

result<void> reserved_fds::check() const {
  for (auto number = first; number <= last; ++number)
    if (!closes_on_exec(number) || !same_device(number, null_.get()))
      return offence(number, "a reserved number was taken away");
  result<void> found;
  auto read = each_number("/proc/self/fd", [&found](int fd) {
    if (fd > last && !closes_on_exec(fd))
      found = offence(fd, "would leak into every child: CLOEXEC is missing");
    return bool{found};
  });
  return read ? found : read;
}

result<unique_fd> move_up(unique_fd fd) {
  auto flags = ::fcntl(fd.get(), F_GETFD);
  if (flags < 0)
    return system_failure("use", "descriptor " + std::to_string(fd.get()),
                          errno);
  if (fd.get() > reserved_fds::last) {
    ::fcntl(fd.get(), F_SETFD, flags | FD_CLOEXEC);
    return fd;
  }
  unique_fd copy{::fcntl(fd.get(), F_DUPFD_CLOEXEC, reserved_fds::last + 1)};
  if (!copy)
    return system_failure("duplicate", "descriptor " + std::to_string(fd.get()),
                          errno);
  return copy;
}

} // namespace saker::process

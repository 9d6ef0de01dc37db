#include "process/log_file.hpp"

#include "process/posix.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <limits>

#include <fcntl.h>
#include <unistd.h>

namespace saker::process {

namespace {

constexpr auto never = std::numeric_limits<std::uint64_t>::max();

/// How far a file may grow beyond `size` so that its last line is whole.
std::uint64_t slack(std::uint64_t size) {
  return std::min<std::uint64_t>(size / 8, 65'536);
}

result<void> make_parents(const std::string& path) {
  for (auto i = path.find('/', 1); i != std::string::npos;
       i = path.find('/', i + 1)) {
    auto parent = path.substr(0, i);
    if (::mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST)
      return system_failure("create directory", parent, errno);
  }
  return {};
}

/// Opens a regular file and nothing else. O_NONBLOCK: a FIFO that somebody put
/// there must not hold us.
result<unique_fd> open_regular(const std::string& path, int flags) {
  flags |= O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  unique_fd fd{retry([&] { return ::open(path.c_str(), flags, 0640); })};
  if (!fd && errno == ENOENT)
    return fail(errc::not_found, "open " + path + ": no such file");
  if (!fd && errno == ELOOP)
    return fail(errc::refused, "open " + path
                                 + ": it is a symbolic link; name the file "
                                   "itself");
  if (!fd && errno != EISDIR)
    return system_failure("open", path, errno);
  struct stat about {};
  if (fd && ::fstat(fd.get(), &about) != 0)
    return system_failure("stat", path, errno);
  if (!fd || !S_ISREG(about.st_mode))
    return fail(errc::refused, "open " + path
                                 + ": it is not a regular file; choose another "
                                   "name");
  return fd;
}

} // namespace

log_file::log_file(std::string path, rotation limits) : path_(std::move(path)) {
  limit(limits);
}

result<void> log_file::open(time_point now) {
  struct stat about {};
  if (fd_ && ::fstat(fd_.get(), &about) != 0)
    return system_failure("stat", path_, errno);
  if (!fd_ || about.st_nlink == 0 || renamed(about, now)) {
    close();
    looked_ = now;
    return open_at_end();
  }
  auto end = static_cast<std::uint64_t>(about.st_size);
  if (end != size_) {
    if (::lseek(fd_.get(), 0, SEEK_END) < 0)
      return system_failure("seek", path_, errno);
    size_ = end;
  }
  return {};
}

void log_file::close() noexcept {
  fd_.reset();
  size_ = 0;
}

std::uint64_t log_file::room() const noexcept {
  return due_ > size_ ? due_ - size_ : 0;
}

std::uint64_t log_file::last_room() const noexcept {
  auto end = due_ == never ? never : due_ + slack(limits_.size);
  return end > size_ ? end - size_ : 0;
}

bool log_file::at_line_start() const {
  char last = 0;
  return size_ == 0
         || (::pread(fd_.get(), &last, 1, static_cast<off_t>(size_ - 1)) == 1
             && last == '\n');
}

ssize_t log_file::take(int pipe, std::size_t most) {
  auto n = retry([&] {
    return ::splice(pipe, nullptr, fd_.get(), nullptr, most,
                    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  });
  if (n < 0)
    return -errno;
  size_ += static_cast<std::uint64_t>(n);
  return n;
}

result<void> log_file::append(std::string_view text) {
  auto n = retry([&] { return ::write(fd_.get(), text.data(), text.size()); });
  if (n == static_cast<ssize_t>(text.size())) {
    size_ += text.size();
    return {};
  }
  auto why = system_failure("write", path_, n < 0 ? errno : ENOSPC);
  // Should this fail too, the next open() goes on after what is there.
  if (n > 0 && ::ftruncate(fd_.get(), static_cast<off_t>(size_)) == 0)
    ::lseek(fd_.get(), 0, SEEK_END);
  return why;
}

result<void> log_file::rotate() {
  auto done = limits_.keep == 0 ? start_over() : shift();
  if (!done) {
    due_ = size_ + std::max<std::uint64_t>(limits_.size, 1);
    return done;
  }
  limit(limits_);
  // `keep` may have been lowered since the last time.
  prune(std::uint64_t{limits_.keep} + 1);
  return done;
}

result<void> log_file::clear() {
  auto done = start_over();
  if (done) {
    limit(limits_);
    prune(1);
  }
  return done;
}

void log_file::limit(rotation limits) noexcept {
  limits_ = limits;
  due_ = limits.size == 0 ? never : limits.size;
}

// -- helpers ------------------------------------------------------------------

/// Whether the name leads elsewhere by now, or nowhere.
bool log_file::renamed(const struct stat& ours, time_point now) {
  if (now - looked_ < look_every)
    return false;
  looked_ = now;
  struct stat named {};
  if (::lstat(path_.c_str(), &named) != 0)
    return errno == ENOENT;
  return named.st_ino != ours.st_ino || named.st_dev != ours.st_dev;
}

result<void> log_file::open_at_end() {
  auto fd = open_regular(path_, O_RDWR | O_CREAT);
  if (!fd && fd.error().code == errc::not_found) {
    if (auto made = make_parents(path_); !made)
      return made;
    fd = open_regular(path_, O_RDWR | O_CREAT);
  }
  if (!fd)
    return fd.error();
  auto end = ::lseek(fd->get(), 0, SEEK_END);
  if (end < 0)
    return system_failure("seek", path_, errno);
  fd_ = std::move(*fd);
  size_ = static_cast<std::uint64_t>(end);
  return {};
}

/// Moves only up to the first gap: after a kill between two renames nothing is
/// pushed out too early.
result<void> log_file::shift() {
  std::uint64_t gap = 1;
  while (gap < limits_.keep && ::access(old(gap).c_str(), F_OK) == 0)
    ++gap;
  for (; gap > 1; --gap)
    if (::rename(old(gap - 1).c_str(), old(gap).c_str()) != 0)
      return system_failure("rename", old(gap - 1), errno);
  if (::rename(path_.c_str(), old(1).c_str()) != 0)
    return system_failure("rename", path_, errno);
  auto opened = open_at_end();
  // Not possible: take the old file back, whose descriptor we still hold.
  if (!opened)
    ::rename(old(1).c_str(), path_.c_str());
  return opened;
}

result<void> log_file::start_over() {
  if (::ftruncate(fd_.get(), 0) != 0 || ::lseek(fd_.get(), 0, SEEK_SET) != 0)
    return system_failure("truncate", path_, errno);
  size_ = 0;
  return {};
}

/// Among those that are kept a number may be free.
void log_file::prune(std::uint64_t from) const {
  for (auto i = from; ::unlink(old(i).c_str()) == 0 || i < limits_.keep; ++i) {
    // nop
  }
}

std::string log_file::old(std::uint64_t number) const {
  return path_ + "." + std::to_string(number);
}

// -- reading ------------------------------------------------------------------

namespace {

/// Where the last `lines` lines of `text` begin, and how many it has at most.
struct beginning {
  std::size_t at = 0;
  std::size_t lines = 0;
};

beginning last_lines(std::string_view text, std::size_t lines) {
  std::size_t count = 0;
  auto i = text.size();
  for (; i > 0; --i) {
    auto ends_here = text[i - 1] == '\n' || i == text.size();
    if (ends_here && count == lines)
      break;
    count += ends_here;
  }
  return {i, count};
}

/// Up to `bytes` bytes of the end of a file.
result<std::string> read_end(const std::string& path, std::size_t bytes) {
  auto fd = open_regular(path, O_RDONLY);
  if (!fd)
    return fd.error();
  auto end = ::lseek(fd->get(), 0, SEEK_END);
  if (end < 0)
    return system_failure("seek", path, errno);
  auto from = end - std::min(end, static_cast<off_t>(bytes));
  std::string text(static_cast<std::size_t>(end - from), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    auto n = retry([&] {
      return ::pread(fd->get(), text.data() + have, text.size() - have,
                     from + static_cast<off_t>(have));
    });
    if (n < 0)
      return system_failure("read", path, errno);
    if (n == 0) // somebody cut it short
      break;
    have += static_cast<std::size_t>(n);
  }
  text.resize(have);
  return text;
}

} // namespace

result<std::string>
tail(const std::string& path, std::size_t lines, std::size_t bytes) {
  auto text = read_end(path, bytes);
  auto start = text ? last_lines(*text, lines) : beginning{};
  if (start.lines < lines && (text || text.error().code == errc::not_found)) {
    // Just rotated.
    auto have = text ? text->size() : 0;
    if (auto before = read_end(path + ".1", bytes - have)) {
      text = *before + (text ? *text : std::string{});
      start = last_lines(*text, lines);
    }
  }
  if (text)
    text->erase(0, start.at);
  return text;
}

} // namespace saker::process

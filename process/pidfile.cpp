#include "process/pidfile.hpp"

#include "base/text.hpp"
#include "process/identity.hpp"
#include "process/wall_time.hpp"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::process {

namespace {

constexpr std::size_t pidfile_limit = 4096;
constexpr int open_tries = 8;

/// Root, we, and perhaps one more: who may own what is trusted.
class owners {
public:
  explicit owners(std::optional<uid_t> also) : also_(also) {
    // nop
  }

  bool has(uid_t uid) const {
    return uid == 0 || uid == ::geteuid() || uid == also_;
  }

  // Every directory and link on the way to `path`, itself included.
  bool own_way(const std::string& path) const {
    if (!own_component("/"))
      return false;
    for (auto slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1))
      if (!own_component(path.substr(0, slash)))
        return false;
    return own_component(path);
  }

private:
  // A sticky directory may be written by all, but nobody can rename or remove
  // in it what belongs to one of these.
  bool own_directory(const struct stat& x) const {
    return S_ISDIR(x.st_mode) && has(x.st_uid)
           && ((x.st_mode & 022) == 0 || (x.st_mode & S_ISVTX) != 0);
  }

  bool own_component(const std::string& path) const {
    struct stat x = {};
    if (::lstat(path.c_str(), &x) != 0)
      return false;
    return S_ISLNK(x.st_mode) ? has(x.st_uid) : own_directory(x);
  }

  std::optional<uid_t> also_;
};

std::string directory_of(const std::string& path) {
  auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::optional<std::string> resolved(const std::string& path) {
  struct deleter {
    void operator()(char* x) const noexcept {
      std::free(x);
    }
  };
  std::unique_ptr<char, deleter> found{::realpath(path.c_str(), nullptr)};
  return found ? std::optional<std::string>{found.get()} : std::nullopt;
}

failure open_failure(const std::string& path, int number) {
  if (number == ENOENT || number == ENOTDIR)
    return fail(errc::not_found, path + ": no such file");
  if (number == ELOOP)
    return fail(errc::refused, path + ": is a symbolic link");
  if (number == EACCES || number == EPERM)
    return fail(errc::not_permitted, path + ": " + errno_text(number));
  return system_failure("open", path, number);
}

result<unique_fd> open_to_read(const std::string& path, struct stat& about) {
  unique_fd fd{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK
                                      | O_NOCTTY | O_CLOEXEC)};
  if (!fd)
    return open_failure(path, errno);
  if (::fstat(fd.get(), &about) != 0)
    return system_failure("inspect", path, errno);
  if (!S_ISREG(about.st_mode))
    return fail(errc::refused, path + ": is not a regular file");
  return fd;
}

result<std::string> read_start(int fd, const std::string& path) {
  std::string text(pidfile_limit, '\0');
  auto got = ::pread(fd, text.data(), text.size(), 0);
  if (got < 0)
    return system_failure("read", path, errno);
  text.resize(static_cast<std::size_t>(got));
  return text;
}

// Some write the number with a NUL behind it.
std::string_view first_line(std::string_view text) {
  return trim(text.substr(0, text.find_first_of(std::string_view{"\n\0", 2})));
}

flock whole_file(short type) {
  flock x = {};
  x.l_type = type;
  x.l_whence = SEEK_SET;
  return x;
}

bool still_there(int fd, const char* path) noexcept {
  struct stat mine = {};
  struct stat named = {};
  return ::fstat(fd, &mine) == 0 && ::stat(path, &named) == 0
         && mine.st_ino == named.st_ino && mine.st_dev == named.st_dev;
}

bool is_held(const locked_file& x) noexcept {
  return x.opened && (x.error == EAGAIN || x.error == EACCES);
}

/// Locks all of it for writing; 0 or an errno, and then who holds it.
int lock_for_writing(int fd, pid_t& holder) noexcept {
  auto lock = whole_file(F_WRLCK);
  if (::fcntl(fd, F_SETLK, &lock) == 0)
    return 0;
  auto error = errno;
  lock = whole_file(F_WRLCK);
  if (::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
    holder = lock.l_pid;
  return error;
}

/// Whether nobody but readers keeps us from writing.
bool only_readers(int fd) noexcept {
  auto lock = whole_file(F_WRLCK);
  return ::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_RDLCK;
}

/// Takes the name away from a file that only readers hold. False when somebody
/// holds it for writing: he looks at the name once he has the lock, so one who
/// gets it later than we look finds that the name is gone.
bool leave_to_readers(int fd, const char* path) noexcept {
  if (!only_readers(fd) || !still_there(fd, path) || ::unlink(path) != 0)
    return false;
  auto lock = whole_file(F_WRLCK);
  return ::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_WRLCK;
}

locked_file try_open_locked(const char* path) noexcept {
  locked_file x;
  constexpr auto flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
                         | O_CLOEXEC;
  // Nobody may lock it before we do.
  x.fd = ::open(path, flags, 0600);
  if (x.fd < 0) {
    x.error = errno;
    return x;
  }
  struct stat about = {};
  if (::fstat(x.fd, &about) != 0) {
    x.error = errno;
  } else if (!S_ISREG(about.st_mode)) {
    x.error = EINVAL;
  } else {
    x.opened = true;
    x.error = lock_for_writing(x.fd, x.holder);
    if (is_held(x) && leave_to_readers(x.fd, path))
      x.error = ESTALE; // once more, with a new file
  }
  if (x.error != 0) {
    ::close(x.fd);
    x.fd = -1;
  }
  return x;
}

std::string line_of(std::string_view text, std::size_t number) {
  auto lines = split(text, '\n');
  return std::string{number < lines.size() ? trim(lines[number]) : ""};
}

// `held by pid 12 since 2024-05-01 10:00:00Z`. The file is opened once more
// here, which is harmless: we hold no lock on it.
failure held(const std::string& path) {
  std::string text = path + ": held by ";
  auto holder = lock_holder(path);
  text += holder && *holder ? "pid " + std::to_string(**holder)
                            : std::string{"another process"};
  struct stat about = {};
  auto fd = open_to_read(path, about);
  auto content = fd ? read_start(fd->get(), path) : fd.error();
  if (content)
    if (auto since = parse_integer(line_of(*content, 1)))
      text += " since " + utc_text(*since);
  return fail(errc::pidfile_locked, std::move(text));
}

} // namespace

result<pidfile_content> read_pidfile(const std::string& path) {
  struct stat about = {};
  auto fd = open_to_read(path, about);
  if (!fd)
    return fd.error();
  auto text = read_start(fd->get(), path);
  if (!text)
    return text.error();
  auto line = first_line(*text);
  auto pid = parse_integer(line);
  if (!pid || *pid <= 0 || *pid > INT_MAX)
    return fail(errc::syntax, path + ": no pid in its first line: \""
                                + printable(line, 32) + "\"");
  auto written = std::chrono::seconds{about.st_mtim.tv_sec}
                 + std::chrono::nanoseconds{about.st_mtim.tv_nsec};
  return pidfile_content{static_cast<pid_t>(*pid), about.st_uid,
                         std::chrono::system_clock::time_point{written},
                         trusted_path(path)};
}

bool trusted_path(const std::string& path, std::optional<uid_t> also) {
  owners may{also};
  if (path.empty() || path.front() != '/')
    return false;
  struct stat x = {};
  if (::lstat(path.c_str(), &x) != 0 || S_ISLNK(x.st_mode) || !may.has(x.st_uid)
      || (x.st_mode & 022) != 0)
    return false;
  auto folder = directory_of(path);
  auto real = resolved(folder);
  return real && may.own_way(folder) && may.own_way(*real);
}

result<std::optional<pid_t>> lock_holder(const std::string& path) {
  unique_fd fd{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK
                                      | O_NOCTTY | O_CLOEXEC)};
  if (!fd)
    return open_failure(path, errno);
  auto lock = whole_file(F_WRLCK);
  if (::fcntl(fd.get(), F_GETLK, &lock) != 0)
    return system_failure("query the lock of", path, errno);
  if (lock.l_type == F_UNLCK)
    return std::optional<pid_t>{};
  return std::optional{lock.l_pid};
}

locked_file open_locked(const char* path) noexcept {
  // Whoever held it before may have removed the name meanwhile; then our lock
  // would be on a file that nobody else can find.
  locked_file x;
  for (auto n = 0; n < open_tries; ++n) {
    x = try_open_locked(path);
    if (x.error != ESTALE && (x.error != 0 || still_there(x.fd, path)))
      return x;
    if (x.fd >= 0)
      ::close(x.fd);
    x = {-1, EAGAIN, true, x.holder};
  }
  return x;
}

int write_locked(int fd, const char* text, std::size_t size,
                 mode_t mode) noexcept {
  // Written before it is cut, so that no reader ever finds it empty.
  auto wrote = ::pwrite(fd, text, size, 0);
  if (wrote != static_cast<ssize_t>(size))
    return wrote < 0 ? errno : ENOSPC;
  if (::ftruncate(fd, static_cast<off_t>(size)) != 0 || ::fchmod(fd, mode) != 0)
    return errno;
  return 0;
}

result<instance_lock>
instance_lock::acquire(const std::string& path,
                       std::chrono::system_clock::time_point now) {
  auto file = open_locked(path.c_str());
  if (file.error == EINVAL && !file.opened)
    return fail(errc::refused, path + ": is not a regular file");
  if (is_held(file))
    return held(path);
  if (file.error == ENOENT)
    return fail(errc::not_found, path + ": its directory does not exist");
  if (file.error != 0)
    return open_failure(path, file.error);
  instance_lock lock{unique_fd{file.fd}};
  if (auto before = read_start(lock.fd(), path))
    lock.boot_before_ = line_of(*before, 2);
  using std::chrono::duration_cast;
  auto since = duration_cast<std::chrono::seconds>(now.time_since_epoch());
  auto text = std::to_string(::getpid()) + '\n' + std::to_string(since.count())
              + '\n' + to_string(this_boot()) + '\n';
  // Nobody else is to lock it for reading either, and so to stop the next one.
  if (auto error = write_locked(lock.fd(), text.data(), text.size(), 0600))
    return system_failure("write", path, error);
  return lock;
}

instance_lock instance_lock::adopt(unique_fd fd) {
  return instance_lock{std::move(fd)};
}

} // namespace saker::process

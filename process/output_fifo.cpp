#include "process/output_fifo.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::process {

namespace {

constexpr std::size_t key_limit = 100;

bool is_key_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-'
         || c == '#' || c == ':' || c == '@';
}

bool is_key(std::string_view x) {
  return !x.empty() && x.size() <= key_limit && x.front() != '.'
         && std::all_of(x.begin(), x.end(), is_key_byte);
}

failure not_a_fifo(const std::string& path) {
  return fail(errc::refused, path + ": is there, but is not a FIFO of ours");
}

result<void> make_folder(const std::string& path) {
  auto folder = path.substr(0, path.rfind('/'));
  if (::mkdir(folder.c_str(), 0700) == 0)
    return {};
  struct stat x = {};
  if (errno != EEXIST || ::lstat(folder.c_str(), &x) != 0)
    return system_failure("make directory", folder, errno);
  if (!S_ISDIR(x.st_mode) || x.st_uid != ::geteuid())
    return fail(errc::refused, folder + ": is not a directory of ours");
  return {};
}

} // namespace

result<std::string>
output_path(std::string_view runtime, std::string_view key, bool second) {
  if (!is_key(key))
    return fail(errc::invalid_argument,
                "output: no file name: \"" + printable(key) + "\"");
  auto path = std::string{runtime} + "/out/";
  return path.append(key).append(second ? ".err" : "");
}

result<void> create_output_fifo(const std::string& path) {
  if (path.rfind('/') == std::string::npos)
    return fail(errc::invalid_argument, path + ": needs a directory");
  if (auto made = make_folder(path); !made)
    return made.error();
  if (::mkfifo(path.c_str(), 0600) == 0)
    return {};
  struct stat x = {};
  if (errno != EEXIST || ::lstat(path.c_str(), &x) != 0)
    return system_failure("make FIFO", path, errno);
  if (!S_ISFIFO(x.st_mode))
    return not_a_fifo(path);
  return {};
}

std::size_t fifo_capacity(int fd) noexcept {
  auto size = ::fcntl(fd, F_GETPIPE_SZ);
  return size > 0 ? static_cast<std::size_t>(size) : 0;
}

result<fifo_reader> open_output_fifo(const std::string& path) {
  unique_fd fd{
    ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)};
  if (!fd && errno == ENOENT)
    return fail(errc::not_found, path + ": no such FIFO");
  if (!fd && errno == ELOOP)
    return not_a_fifo(path);
  if (!fd)
    return system_failure("open", path, errno);
  struct stat x = {};
  if (::fstat(fd.get(), &x) != 0 || !S_ISFIFO(x.st_mode))
    return not_a_fifo(path);
  auto size = fifo_capacity(fd.get());
  if (size == 0)
    return system_failure("measure", path, errno);
  return fifo_reader{std::move(fd), size};
}

} // namespace saker::process

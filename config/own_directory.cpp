#include "config/own_directory.hpp"

#include "base/unique_fd.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::config {

namespace {

result<void> make(const std::filesystem::path& path, mode_t mode) {
  if (::mkdir(path.c_str(), 0700) != 0) {
    if (errno == EEXIST)
      return {};
    return system_failure("make directory", path.string(), errno);
  }
  if (::chmod(path.c_str(), mode) != 0)
    return system_failure("chmod", path.string(), errno);
  return {};
}

} // namespace

result<void> own_directory(const std::filesystem::path& path, mode_t mode) {
  std::filesystem::path part;
  for (auto& name : path) {
    part /= name;
    struct stat info {};
    if (part == path || ::stat(part.c_str(), &info) == 0)
      continue;
    if (auto made = make(part, mode); !made)
      return made;
  }
  if (auto made = make(path, mode); !made)
    return made;
  unique_fd dir{
    ::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  struct stat info {};
  if (!dir || ::fstat(dir.get(), &info) != 0)
    return system_failure("open directory", path.string(), errno);
  auto name = path.string();
  if (info.st_uid != ::geteuid())
    return fail(errc::not_permitted,
                "use directory " + name + ": it belongs to uid "
                  + std::to_string(info.st_uid) + "; remove it, or type: "
                  + "chown " + std::to_string(::geteuid()) + ' ' + name);
  if (info.st_mode & (S_IWGRP | S_IWOTH))
    return fail(errc::not_permitted,
                "use directory " + name
                  + ": others may write it; type: chmod go-w " + name);
  return {};
}

} // namespace saker::config

#include "keeper/runtime_folder.hpp"

#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::keeper {

result<void> make_runtime_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    if (::geteuid() == 0 && ::chmod(path.c_str(), 0755) != 0)
      return system_failure("chmod", path, errno);
    return {};
  }
  if (errno != EEXIST)
    return system_failure("make directory", path, errno);
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0)
    return system_failure("inspect", path, errno);
  if (!S_ISDIR(about.st_mode) || about.st_uid != ::geteuid()
      || (about.st_mode & 022) != 0)
    return fail(errc::not_permitted,
                path
                  + " must be a directory of ours that nobody else may "
                    "write: chown it, or chmod go-w");
  return {};
}

} // namespace saker::keeper

#include "process/folder_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>

#include <linux/magic.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace saker::process {

namespace {

constexpr std::uint32_t of_files = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO
                                   | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB;
constexpr std::uint32_t of_folder = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT
                                    | IN_IGNORED;

/// File systems of which nobody but this kernel writes files.
constexpr std::array<unsigned long, 8> local_ones{
  EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,       BTRFS_SUPER_MAGIC,
  TMPFS_MAGIC,      OVERLAYFS_SUPER_MAGIC, F2FS_SUPER_MAGIC,
  RAMFS_MAGIC,
  0x2fc12fc1, // ZFS
};

bool is_local(const struct statfs& x) {
  auto type = static_cast<unsigned long>(x.f_type) & 0xffffffff;
  return std::find(local_ones.begin(), local_ones.end(), type)
         != local_ones.end();
}

failure untold(const std::filesystem::path& dir, std::string_view why) {
  return fail(errc::unsupported,
              "watch " + dir.string() + ": " + std::string{why});
}

/// What there is to read. False: the folder is not there any more.
bool take_all(int fd) {
  alignas(inotify_event) std::array<char, 4096> bytes;
  auto there = true;
  for (;;) {
    auto n = ::read(fd, bytes.data(), bytes.size());
    if (n <= 0)
      return there;
    for (auto* at = bytes.data(); at < bytes.data() + n;) {
      inotify_event x;
      std::memcpy(&x, at, sizeof(x));
      there = there && (x.mask & of_folder) == 0;
      at += sizeof(x) + x.len;
    }
  }
}

/// True if there is something to read within that time; negative: for ever.
bool is_told(int fd, int milliseconds) {
  pollfd x{fd, POLLIN, 0};
  for (;;) {
    auto n = ::poll(&x, 1, milliseconds);
    if (n >= 0 || errno != EINTR)
      return n > 0;
  }
}

} // namespace

result<folder_watch> folder_watch::make(const std::filesystem::path& dir) {
  std::error_code ec;
  auto real = std::filesystem::canonical(dir, ec);
  if (ec)
    return system_failure("watch", dir.string(), ec.value());
  if (real != std::filesystem::absolute(dir).lexically_normal())
    return untold(dir, "there is a link on the way");
  struct statfs about = {};
  if (::statfs(real.c_str(), &about) != 0)
    return system_failure("watch", dir.string(), errno);
  if (!is_local(about))
    return untold(dir, "its file system may be changed by other machines");
  unique_fd fd{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
  if (!fd)
    return untold(dir, errno_text(errno));
  constexpr auto all = of_files | of_folder | IN_ONLYDIR | IN_DONT_FOLLOW;
  if (::inotify_add_watch(fd.get(), real.c_str(), all) < 0)
    return untold(dir, errno_text(errno));
  return folder_watch{std::move(fd)};
}

result<folder_watch> folder_watch::make_for(const std::filesystem::path& dir) {
  std::error_code ec;
  if (std::filesystem::exists(dir, ec))
    return make(dir);
  auto around = make(dir.parent_path());
  if (!around)
    return around;
  if (std::filesystem::exists(dir, ec))
    return make(dir); // it came meanwhile
  around->stands_in_ = true;
  return around;
}

folder_watch::news folder_watch::wait(std::chrono::milliseconds quiet) const {
  is_told(fd_.get(), -1);
  auto there = take_all(fd_.get());
  while (there && is_told(fd_.get(), static_cast<int>(quiet.count())))
    there = take_all(fd_.get());
  return there && !stands_in_ ? news::changed : news::lost;
}

} // namespace saker::process

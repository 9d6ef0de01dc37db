#include "keeper/outputs.hpp"

#include "keeper/runtime_folder.hpp"
#include "process/output_fifo.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::keeper {

namespace {

std::size_t streams_of(link::output_mode x) {
  return static_cast<std::size_t>(x); // none, merged, split: 0, 1, 2
}

/// Whether the name still leads to what is held.
bool same_file(int fd, const std::string& path) {
  struct stat held {};
  struct stat named {};
  return ::fstat(fd, &held) == 0 && ::lstat(path.c_str(), &named) == 0
         && held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

bool is_fifo(const std::string& path) {
  struct stat about {};
  return ::lstat(path.c_str(), &about) == 0 && S_ISFIFO(about.st_mode);
}

/// stdout is stream 0, stderr stream 1.
std::string descriptor_of(pid_t pid, std::size_t stream) {
  return "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(stream + 1);
}

/// Whether that stream of a process goes to the FIFO that had this name; the
/// directory is ours, so nobody else can have made it.
bool leads_to(pid_t pid, std::size_t stream, const std::string& path) {
  std::string target(path.size() + 32, '\0');
  auto link = descriptor_of(pid, stream);
  auto size = ::readlink(link.c_str(), target.data(), target.size());
  target.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return target == path || target == path + " (deleted)";
}

/// The read end of a FIFO whose name is gone, through a process that has it;
/// nothing without the rights for it.
unique_fd borrow(pid_t pid, std::size_t stream, const std::string& path) {
  if (pid <= 0 || !leads_to(pid, stream, path))
    return {};
  unique_fd fd{::open(descriptor_of(pid, stream).c_str(),
                      O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  struct stat about {};
  if (!fd || ::fstat(fd.get(), &about) != 0 || !S_ISFIFO(about.st_mode))
    return {};
  return fd;
}

/// Empties one FIFO; returns how much was in it. At most 4 MiB at once: a
/// child that writes all the time must not keep us here.
std::uint64_t discard(int fd) {
  static std::array<char, 65'536> waste;
  std::uint64_t total = 0;
  while (total < (4u << 20)) {
    auto got = ::read(fd, waste.data(), waste.size());
    if (got <= 0)
      break;
    total += static_cast<std::uint64_t>(got);
  }
  return total;
}

} // namespace

result<void> outputs::prepare(std::string_view key, link::output_mode mode,
                              process::spec& what) {
  auto streams = streams_of(mode);
  auto at = held_.find(key);
  if (streams == 0) {
    if (at != held_.end())
      drop(key);
    return {};
  }
  // A cleaner of old files may have taken it away.
  if (auto made = make_runtime_folder(runtime_); !made)
    return made;
  if (at == held_.end())
    at = held_.try_emplace(std::string{key}).first;
  if (auto done = hold(at->second, key, streams, true); !done)
    return done;
  what.out = {process::output_kind::fifo, *path_of(key, 0)};
  if (streams == 2)
    what.err = process::output{process::output_kind::fifo, *path_of(key, 1)};
  return {};
}

result<void>
outputs::reopen(std::string_view key, link::output_mode mode, pid_t pid) {
  auto streams = streams_of(mode);
  if (streams == 0)
    return {};
  auto& x = held_[std::string{key}];
  auto named = hold(x, key, streams, false);
  if (named || named.error().code != errc::not_found)
    return named;
  for (std::size_t i = 0; i < streams; ++i)
    if (!x.fds[i])
      x.fds[i] = borrow(pid, i, *path_of(key, i));
  return x.fds[streams - 1] ? result<void>{} : named;
}

link::output_mode outputs::mode_of(std::string_view key, pid_t pid) const {
  auto mode = link::output_mode::none;
  for (std::size_t i = 0; i < 2; ++i) {
    auto path = path_of(key, i);
    if (!path || (!is_fifo(*path) && !leads_to(pid, i, *path)))
      break;
    mode = i == 0 ? link::output_mode::merged : link::output_mode::split;
  }
  return mode;
}

std::vector<unique_fd> outputs::readers(std::string_view key) const {
  std::vector<unique_fd> out;
  auto at = held_.find(key);
  if (at == held_.end())
    return out;
  for (auto& fd : at->second.fds) {
    if (!fd)
      continue;
    // Through /proc it is the same FIFO whatever happened to its name.
    auto path = "/proc/self/fd/" + std::to_string(fd.get());
    unique_fd reader{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    if (!reader)
      break;
    out.push_back(std::move(reader));
  }
  return out;
}

void outputs::drop(std::string_view key) {
  auto at = held_.find(key);
  if (at == held_.end())
    return;
  for (std::size_t i = 0; i < 2; ++i)
    if (auto path = path_of(key, i); path && at->second.fds[i])
      ::unlink(path->c_str());
  held_.erase(at);
}

void outputs::drop_others(const table& known) {
  std::vector<std::string> gone;
  for (auto& [key, _] : held_)
    if (!known.find(key))
      gone.push_back(key);
  for (auto& key : gone)
    drop(key);
}

void outputs::drain() {
  for (auto& [key, x] : held_)
    for (auto& fd : x.fds)
      if (fd)
        x.lost += discard(fd.get());
}

void outputs::set_lost(std::string_view key, std::uint64_t bytes) noexcept {
  if (auto at = held_.find(key); at != held_.end())
    at->second.lost = bytes;
}

std::uint64_t outputs::take_lost(std::string_view key) {
  auto at = held_.find(key);
  return at == held_.end() ? 0 : std::exchange(at->second.lost, 0);
}

result<std::string>
outputs::path_of(std::string_view key, std::size_t stream) const {
  return process::output_path(runtime_, key, stream == 1);
}

result<void>
outputs::hold(held& x, std::string_view key, std::size_t streams, bool make) {
  for (std::size_t i = 0; i < 2; ++i) {
    auto path = path_of(key, i);
    if (!path)
      return path.error();
    if (i >= streams) {
      if (x.fds[i])
        ::unlink(path->c_str());
      x.fds[i].reset();
      continue;
    }
    if (make)
      if (auto made = process::create_output_fifo(*path); !made)
        return made;
    if (x.fds[i] && same_file(x.fds[i].get(), *path))
      continue;
    auto reader = process::open_output_fifo(*path);
    if (!reader)
      return reader.error();
    x.fds[i] = std::move(reader->fd);
  }
  return {};
}

} // namespace saker::keeper

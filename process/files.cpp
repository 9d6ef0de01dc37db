#include "process/files.hpp"

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "process/posix.hpp"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::process {

namespace {

failure failed(std::string_view verb, const std::string& path, int number) {
  auto x = system_failure(verb, printable(path), number);
  switch (number) {
    case ENOENT:
    case ENOTDIR: x.code = errc::not_found; break;
    case EACCES:
    case EPERM:
    case EROFS: x.code = errc::not_permitted; break;
    case EEXIST:
    case ENOTEMPTY: x.code = errc::already_exists; break;
    default: break;
  }
  return x;
}

failure stopped() {
  return fail(errc::closed, "nobody waits any more");
}

failure too_many(const std::string& path) {
  return fail(errc::limit, printable(path) + ": more than "
                             + std::to_string(most_names)
                             + " names; ask for a part of it");
}

struct name_and_type {
  std::string name;
  bool directory = false;

  bool operator<(const name_and_type& x) const {
    return name < x.name;
  }
};

bool is_directory(int folder, const dirent& x) {
  if (x.d_type != DT_UNKNOWN)
    return x.d_type == DT_DIR;
  struct stat about = {};
  return ::fstatat(folder, x.d_name, &about, AT_SYMLINK_NOFOLLOW) == 0
         && S_ISDIR(about.st_mode);
}

result<std::vector<name_and_type>>
read_directory(const std::string& path, bool follow,
               const std::atomic<bool>& stop) {
  auto flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
  unique_fd fd{::open(path.c_str(), flags)};
  if (!fd)
    return failed("list", path, errno);
  directory_handle dir{::fdopendir(fd.get())};
  if (!dir)
    return failed("list", path, errno);
  auto folder = fd.release(); // closed with `dir`
  std::vector<name_and_type> out;
  // Nobody else reads from this DIR. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (auto entry = ::readdir(dir.get())) {
    std::string_view name = entry->d_name;
    if (name == "." || name == "..")
      continue;
    if (stop)
      return stopped();
    if (out.size() >= most_names)
      return too_many(path);
    out.push_back({std::string{name}, is_directory(folder, *entry)});
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.ends_with('/') ? folder + name : folder + '/' + name;
}

// -- copying -----------------------------------------------------------------------

result<void>
write_all(int to, const char* data, std::size_t size, const std::string& path) {
  while (size > 0) {
    auto n = retry([&] { return ::write(to, data, size); });
    if (n < 0)
      return failed("write", path, errno);
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  return {};
}

result<void>
copy_bytes(int from, int to, const std::string& source,
           const std::string& target, const std::atomic<bool>& stop) {
  std::string piece(std::size_t{256} * 1024, '\0');
  for (;;) {
    if (stop)
      return stopped();
    auto n = retry([&] { return ::read(from, piece.data(), piece.size()); });
    if (n < 0)
      return failed("read", source, errno);
    if (n == 0)
      return {};
    auto size = static_cast<std::size_t>(n);
    if (auto done = write_all(to, piece.data(), size, target); !done)
      return done;
  }
}

result<void> copy_file(const std::string& from, const std::string& to,
                       const std::atomic<bool>& stop) {
  constexpr auto safely = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  unique_fd source{::open(from.c_str(), O_RDONLY | safely)};
  if (!source)
    return failed("open", from, errno);
  struct stat about = {};
  if (::fstat(source.get(), &about) != 0)
    return failed("inspect", from, errno);
  if (!S_ISREG(about.st_mode))
    return fail(errc::refused, printable(from) + ": is no regular file");
  auto mode = about.st_mode & 0777;
  unique_fd target{
    ::open(to.c_str(), O_WRONLY | O_CREAT | safely, 0600 | (mode & 0700))};
  if (!target)
    return failed("create", to, errno);
  struct stat other = {};
  if (::fstat(target.get(), &other) != 0)
    return failed("inspect", to, errno);
  if (!S_ISREG(other.st_mode))
    return fail(errc::refused, printable(to) + ": is no regular file");
  if (about.st_dev == other.st_dev && about.st_ino == other.st_ino)
    return fail(errc::refused, printable(from) + " and " + printable(to)
                                 + " are the same file");
  if (::ftruncate(target.get(), 0) != 0)
    return failed("empty", to, errno);
  if (auto done = copy_bytes(source.get(), target.get(), from, to, stop); !done)
    return done;
  if (::fchmod(target.get(), mode) != 0)
    return failed("set the mode of", to, errno);
  return {};
}

result<void> copy_link(const std::string& from, const std::string& to) {
  std::error_code ec;
  auto text = std::filesystem::read_symlink(from, ec);
  if (ec)
    return failed("read", from, ec.value());
  if (::symlink(text.c_str(), to.c_str()) != 0)
    return failed("create", to, errno);
  return {};
}

result<mode_t> type_and_mode(const std::string& path) {
  struct stat about = {};
  if (::lstat(path.c_str(), &about) != 0)
    return failed("inspect", path, errno);
  return about.st_mode;
}

struct errand {
  std::string from;
  std::string to;
};

/// A directory may be there; a link to one is none.
result<void> begin_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), 0700 | (mode & 0777)) == 0)
    return {};
  auto number = errno;
  if (auto is = type_and_mode(path); number == EEXIST && is && S_ISDIR(*is))
    return {};
  return failed("create", path, number);
}

result<void> copy_one(const errand& what, std::deque<errand>& todo,
                      const std::atomic<bool>& stop) {
  auto is = type_and_mode(what.from);
  if (!is)
    return is.error();
  if (S_ISLNK(*is))
    return copy_link(what.from, what.to);
  if (!S_ISDIR(*is))
    return copy_file(what.from, what.to, stop);
  auto names = read_directory(what.from, false, stop);
  if (!names)
    return names.error();
  if (auto made = begin_directory(what.to, *is); !made)
    return made;
  for (auto& x : *names)
    todo.push_back({joined(what.from, x.name), joined(what.to, x.name)});
  return {};
}

bool is_within(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(joined(folder, ""));
}

} // namespace

std::string absolute_path(std::string_view dir, std::string_view path) {
  auto whole = std::filesystem::path{dir.empty() ? "/" : dir} / path;
  auto text = whole.lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/'))
    text.pop_back();
  return text;
}

result<file_info> inspect(const std::string& path, bool follow_links) {
  struct stat x = {};
  auto failed_to = follow_links ? ::stat(path.c_str(), &x)
                                : ::lstat(path.c_str(), &x);
  if (failed_to != 0)
    return failed("inspect", path, errno);
  file_info out;
  out.directory = S_ISDIR(x.st_mode);
  out.regular = S_ISREG(x.st_mode);
  out.link = S_ISLNK(x.st_mode);
  out.mode = x.st_mode & 07777;
  out.size = static_cast<std::uint64_t>(x.st_size);
  out.accessed = x.st_atim.tv_sec;
  out.modified = x.st_mtim.tv_sec;
  out.changed = x.st_ctim.tv_sec;
  return out;
}

result<void> make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0775) != 0)
    return failed("create", path, errno);
  return {};
}

result<void> remove_directory(const std::string& path) {
  if (::rmdir(path.c_str()) != 0)
    return failed("remove", path, errno);
  return {};
}

result<std::vector<std::string>>
list_directory(const std::string& path, const name_filter& wanted,
               const std::atomic<bool>& stop) {
  auto names = read_directory(path, true, stop);
  if (!names)
    return names.error();
  std::vector<std::string> out;
  for (auto& x : *names)
    if (!wanted || wanted(x.name))
      out.push_back(std::move(x.name));
  return out;
}

result<std::vector<std::string>>
walk_tree(const std::string& path, const std::string& shown,
          const name_filter& wanted, const std::atomic<bool>& stop) {
  std::vector<std::string> out;
  std::deque<errand> todo{{path, shown}};
  std::size_t seen = 0;
  for (auto first = true; !todo.empty(); first = false) {
    auto at = std::move(todo.front());
    todo.pop_front();
    auto names = read_directory(at.from, first, stop);
    if (!names) {
      if (first || names.error().code == errc::closed
          || names.error().code == errc::limit)
        return names.error();
      continue;
    }
    for (auto& x : *names) {
      if (++seen > most_names)
        return too_many(path);
      auto name = joined(at.to, x.name);
      if (x.directory)
        todo.push_back({joined(at.from, x.name), std::move(name)});
      else if (!wanted || wanted(x.name))
        out.push_back(std::move(name));
    }
  }
  return out;
}

result<void> copy_tree(const std::string& from, const std::string& to,
                       const std::atomic<bool>& stop) {
  auto target = to;
  if (auto x = inspect(to, true); x && x->directory)
    target = joined(to, std::filesystem::path{from}.filename().string());
  if (auto x = inspect(from, false);
      x && x->directory && is_within(target, from))
    return fail(errc::refused,
                "a copy of " + printable(from) + " cannot lie within it");
  std::deque<errand> todo{{from, target}};
  while (!todo.empty()) {
    if (stop)
      return stopped();
    auto at = std::move(todo.front());
    todo.pop_front();
    if (auto done = copy_one(at, todo, stop); !done)
      return done;
  }
  return {};
}

} // namespace saker::process

#include "config/trusted_path.hpp"

#include "base/text.hpp"

#include <array>
#include <cerrno>
#include <deque>
#include <string>
#include <vector>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::config {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t memory_size = std::size_t{16} * 1024;

std::string user_name(uid_t uid) {
  std::vector<char> memory(memory_size);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(uid, &entry, memory.data(), memory.size(), &found);
  return found ? found->pw_name : std::to_string(uid);
}

/// The name of `gid` if nobody but the user of that name is in it.
std::string only_member(gid_t gid) {
  std::vector<char> memory(memory_size);
  group entry{};
  group* found = nullptr;
  ::getgrgid_r(gid, &entry, memory.data(), memory.size(), &found);
  if (!found)
    return {};
  for (auto** name = found->gr_mem; *name; ++name)
    if (std::string_view{*name} != found->gr_name)
      return {};
  return found->gr_name;
}

bool private_group(gid_t gid, uid_t owner) {
  auto name = only_member(gid);
  return !name.empty() && name == user_name(owner);
}

std::string mode_text(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o",
                static_cast<unsigned>(mode & 07777));
  return text.data();
}

/// A path as a shell takes it.
std::string shell_word(const std::string& path) {
  constexpr auto plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789/._-+,:@";
  if (path.find_first_not_of(plain) == std::string::npos)
    return path;
  std::string result = "'";
  for (auto c : path)
    if (c == '\'')
      result += "'\\''";
    else
      result += c;
  return result + '\'';
}

/// Looks at one step of the way; `goal` is where the way leads.
result<void> check(const fs::path& path, const struct stat& info, uid_t own,
                   const fs::path& goal) {
  auto name = path.string();
  auto shown = printable(name);
  auto what = S_ISDIR(info.st_mode) ? "directory " : "";
  if (info.st_uid != 0 && info.st_uid != own)
    return fail(errc::not_permitted,
                what + shown + " belongs to " + user_name(info.st_uid)
                  + ", who could change it; "
                  + (path == goal
                       ? ""
                       : "move " + printable(goal.string()) + " elsewhere, or ")
                  + "type: chown " + user_name(own) + ' ' + shell_word(name));
  auto sticky = S_ISDIR(info.st_mode) && (info.st_mode & S_ISVTX);
  if (S_ISLNK(info.st_mode) || sticky)
    return {};
  if (info.st_mode & S_IWOTH)
    return fail(errc::not_permitted,
                what + shown + " may be written by everybody (mode "
                  + mode_text(info.st_mode) + "); type: chmod o-w "
                  + shell_word(name));
  if ((info.st_mode & S_IWGRP) && !private_group(info.st_gid, info.st_uid))
    return fail(errc::not_permitted,
                what + shown + " may be written by its group (mode "
                  + mode_text(info.st_mode) + "); type: chmod g-w "
                  + shell_word(name));
  return {};
}

result<fs::path> link_target(const fs::path& path) {
  std::error_code ec;
  auto target = fs::read_symlink(path, ec);
  if (ec)
    return system_failure("read link", path.string(), ec.value());
  return target;
}

} // namespace

result<void> trusted_path(const fs::path& path, uid_t own) {
  std::error_code ec;
  auto start = fs::absolute(path, ec);
  if (ec)
    return system_failure("find", path.string(), ec.value());
  std::deque<fs::path> todo(start.begin(), start.end());
  fs::path here;
  // Links are followed by hand, so that each is looked at.
  for (auto links = 0; !todo.empty();) {
    auto name = todo.front();
    todo.pop_front();
    if (name.empty() || name == ".")
      continue;
    if (name == "..") {
      here = here.parent_path();
      continue;
    }
    auto next = name.is_absolute() ? name : here / name;
    struct stat info {};
    if (::lstat(next.c_str(), &info) != 0)
      return system_failure("look at", next.string(), errno);
    if (auto ok = check(next, info, own, start); !ok)
      return ok;
    if (!S_ISLNK(info.st_mode)) {
      here = next;
      continue;
    }
    if (++links > 40)
      return system_failure("follow", path.string(), ELOOP);
    auto target = link_target(next);
    if (!target)
      return target.error();
    todo.insert(todo.begin(), target->begin(), target->end());
  }
  return {};
}

} // namespace saker::config

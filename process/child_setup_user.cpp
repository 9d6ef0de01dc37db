#include "base/text.hpp"
#include "process/child_setup.hpp"
#include "process/outcome.hpp"
#include "process/spawn_hint.hpp"

#include <cerrno>
#include <optional>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace saker::process {

namespace {

constexpr std::size_t answer_limit = std::size_t{1} << 20;

// glibc's wrappers would tell other threads, which a child does not have.
int become_user(uid_t uid) {
  return outcome(::syscall(SYS_setresuid, uid, uid, uid));
}

int become_group(gid_t gid) {
  return outcome(::syscall(SYS_setresgid, gid, gid, gid));
}

int replace_groups(const std::vector<gid_t>& groups) {
  return outcome(::syscall(SYS_setgroups, groups.size(), groups.data()));
}

// "Not there" comes in several forms, depending on the name service.
int not_found(int error) {
  return error == 0 || error == ESRCH ? ENOENT : error;
}

/// Calls `ask(buffer, size)` with a buffer that grows until it is enough.
template <class Ask>
int with_buffer(std::vector<char>& buffer, Ask ask) {
  for (buffer.resize(4096);; buffer.resize(buffer.size() * 2)) {
    auto error = ask(buffer.data(), buffer.size());
    if (error != ERANGE || buffer.size() >= answer_limit)
      return error;
  }
}

template <class Id>
std::optional<Id> as_number(const std::string& x) {
  auto number = parse_integer(x);
  // The highest number means "leave as it is" to the kernel.
  if (!number || *number < 0 || *number >= static_cast<Id>(-1))
    return std::nullopt;
  return static_cast<Id>(*number);
}

int find_group(const std::string& name, gid_t& found) {
  if (auto number = as_number<gid_t>(name)) {
    found = *number;
    return 0;
  }
  group entry = {};
  group* result = nullptr;
  std::vector<char> buffer;
  auto error = with_buffer(buffer, [&](char* data, std::size_t size) {
    return ::getgrnam_r(name.c_str(), &entry, data, size, &result);
  });
  if (!result)
    return not_found(error);
  found = entry.gr_gid;
  return 0;
}

} // namespace

int child_setup::look_up() {
  uid_ = ::geteuid();
  gid_ = ::getegid();
  if (!what_.user.empty() || what_.user_env)
    if (auto error = look_up_user())
      return error;
  if (auto error = look_up_groups())
    return error;
  if (!what_.user.empty() && !has_account_) {
    if (groups_.empty()) {
      hint_ = "user " + what_.user + " has no account, so it needs groups";
      return ENOENT;
    }
    gid_ = groups_.front();
  }
  return !what_.user.empty() && groups_.empty() ? own_groups() : 0;
}

int child_setup::look_up_user() {
  passwd entry = {};
  passwd* result = nullptr;
  std::vector<char> buffer;
  auto number = what_.user.empty() ? std::optional{uid_}
                                   : as_number<uid_t>(what_.user);
  auto error = with_buffer(buffer, [&](char* data, std::size_t size) {
    return number
             ? ::getpwuid_r(*number, &entry, data, size, &result)
             : ::getpwnam_r(what_.user.c_str(), &entry, data, size, &result);
  });
  if (!result && !number) {
    error = not_found(error);
    if (error == ENOENT)
      hint_ = unknown_account("user", what_.user, "/etc/passwd");
    return error;
  }
  has_account_ = result != nullptr;
  uid_ = number ? *number : entry.pw_uid;
  if (!result)
    return 0;
  name_ = entry.pw_name;
  home_ = entry.pw_dir;
  shell_ = entry.pw_shell;
  if (!what_.user.empty())
    gid_ = entry.pw_gid;
  return 0;
}

int child_setup::look_up_groups() {
  for (auto& x : what_.groups) {
    ++index_;
    gid_t gid = 0;
    if (auto error = find_group(x, gid)) {
      if (error == ENOENT)
        hint_ = unknown_account("group", x, "/etc/group");
      return error;
    }
    groups_.push_back(gid);
  }
  index_ = 0;
  return 0;
}

int child_setup::own_groups() {
  auto count = 64;
  groups_.resize(static_cast<std::size_t>(count));
  while (::getgrouplist(name_.c_str(), gid_, groups_.data(), &count) < 0) {
    if (count <= static_cast<int>(groups_.size()))
      return ENOMEM;
    groups_.resize(static_cast<std::size_t>(count));
  }
  groups_.resize(static_cast<std::size_t>(count));
  return 0;
}

int child_setup::give_away_output() {
  if (what_.out.kind == output_kind::fifo)
    if (auto error = give_away(STDOUT_FILENO))
      return error;
  index_ = 1;
  return what_.err && what_.err->kind == output_kind::fifo
           ? give_away(STDERR_FILENO)
           : 0;
}

// Programs open /dev/stdout again, which needs the rights of the owner.
int child_setup::give_away(int fd) const {
  struct stat about = {};
  if (::fstat(fd, &about) != 0)
    return errno;
  return about.st_uid == uid_ ? 0 : outcome(::fchown(fd, uid_, gid_));
}

int child_setup::set_groups() {
  if (what_.user.empty() && what_.groups.empty())
    return 0;
  // Becoming oneself needs no rights, setting the same groups does.
  auto rights = ::geteuid() == 0;
  if (!rights && what_.groups.empty() && uid_ == ::geteuid())
    return 0;
  if (auto error = replace_groups(groups_))
    return error;
  return what_.user.empty() ? 0 : become_group(gid_);
}

int child_setup::set_user() {
  return what_.user.empty() ? 0 : become_user(uid_);
}

} // namespace saker::process

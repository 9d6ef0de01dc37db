#include "process/wait.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace saker::process {

namespace {

// Debian 12's headers are older than PIDFD_GET_INFO.
struct pidfd_info {
  std::uint64_t mask = 0;
  std::uint64_t cgroup = 0;
  std::uint32_t pid = 0;
  std::uint32_t group = 0;
  std::uint32_t parent = 0;
  std::uint32_t ids[8] = {};
  std::int32_t exit_code = 0;
};

static_assert(sizeof(pidfd_info) == 64);

constexpr std::uint64_t info_exit = 8;
const auto get_info = _IOWR(0xFF, 11, pidfd_info);

// The raw call gives the resources, too.
int wait_id(int pidfd, siginfo_t& info, int options, rusage* used) {
  return static_cast<int>(
    ::syscall(SYS_waitid, P_PIDFD, pidfd, &info, options, used));
}

std::chrono::microseconds to_duration(const timeval& x) {
  return std::chrono::seconds{x.tv_sec} + std::chrono::microseconds{x.tv_usec};
}

usage to_usage(const rusage& x) {
  return {to_duration(x.ru_utime), to_duration(x.ru_stime),
          static_cast<std::uint64_t>(x.ru_maxrss) * 1024};
}

failure wait_failure(int number) {
  if (number == ECHILD)
    return fail(errc::not_found, "wait: no child of ours, or reaped already");
  return system_failure("wait", "for a child", number);
}

failure signal_failure(int number) {
  switch (number) {
    case ESRCH: return fail(errc::not_found, "signal: the process has ended");
    case EPERM:
      return fail(errc::not_permitted, "signal: the process is not ours");
    case EINVAL: return fail(errc::invalid_argument, "signal: no such signal");
    default: return system_failure("signal", "a process", number);
  }
}

} // namespace

result<std::optional<exit_status>> peek(int pidfd) {
  siginfo_t info = {};
  if (wait_id(pidfd, info, WEXITED | WNOHANG | WNOWAIT, nullptr) != 0
      && errno != EAGAIN)
    return wait_failure(errno);
  if (info.si_pid == 0)
    return std::optional<exit_status>{};
  return std::optional{exit_status::from(info)};
}

result<std::optional<ending>> reap(int pidfd) {
  siginfo_t info = {};
  rusage used = {};
  if (wait_id(pidfd, info, WEXITED | WNOHANG, &used) != 0 && errno != EAGAIN)
    return wait_failure(errno);
  if (info.si_pid == 0)
    return std::optional<ending>{};
  return std::optional{
    ending{info.si_pid, exit_status::from(info), to_usage(used)}};
}

bool has_ended(int pidfd) noexcept {
  pollfd x{pidfd, POLLIN, 0};
  return ::poll(&x, 1, 0) > 0;
}

std::optional<exit_status> status_of_stranger(int pidfd) noexcept {
  pidfd_info info;
  info.mask = info_exit;
  // Without the bit the code reads 0, which would be a false success.
  if (::ioctl(pidfd, get_info, &info) != 0 || (info.mask & info_exit) == 0)
    return std::nullopt;
  return exit_status::from_wait_status(info.exit_code);
}

result<void> signal_process(int pidfd, int signal) {
  if (::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) != 0)
    return signal_failure(errno);
  return {};
}

result<void> signal_group(pid_t group, int signal) {
  // 0 and 1 would mean our own group and everybody.
  if (group <= 1)
    return fail(errc::invalid_argument, "signal: not a group of a child");
  if (::killpg(group, signal) != 0)
    return signal_failure(errno);
  return {};
}

} // namespace saker::process

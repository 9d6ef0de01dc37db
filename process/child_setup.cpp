#include "process/child_setup.hpp"

#include "base/text.hpp"
#include "process/outcome.hpp"
#include "process/posix.hpp"
#include "process/spawn_hint.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <new>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace saker::process {

namespace {

constexpr int null_flags = O_RDWR | O_NOCTTY;

/// Moves `fd` to `number`, which survives exec.
int put(int fd, int number) {
  if (fd < 0)
    return errno;
  auto error = outcome(::dup2(fd, number));
  ::close(fd);
  return error;
}

int write_file(const std::string& path, std::string_view text) {
  unique_fd fd{::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY)};
  if (!fd)
    return errno;
  return outcome(::write(fd.get(), text.data(), text.size()));
}

/// A file in memory without a name that holds `text`, to be read from its
/// begin; negative, with errno, if there is no room for it.
int file_with(std::string_view text) {
  unique_fd fd{::memfd_create("stdin", 0)};
  if (!fd)
    return -1;
  while (!text.empty()) {
    auto n = retry([&] { return ::write(fd.get(), text.data(), text.size()); });
    if (n < 0)
      return -1;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return ::lseek(fd.get(), 0, SEEK_SET) == 0 ? fd.release() : -1;
}

bool is_file(const output& x) {
  return x.kind == output_kind::file;
}

} // namespace

const std::array<child_setup::row, 19> child_setup::rows = {{
  {spawn_step::session, &child_setup::start_session},
  {spawn_step::cgroup, &child_setup::enter_cgroup},
  {spawn_step::oom, &child_setup::set_oom_score},
  {spawn_step::output, &child_setup::open_outputs},
  {spawn_step::pidfile_open, &child_setup::open_pidfile},
  {spawn_step::pidfile_lock, &child_setup::lock_pidfile},
  {spawn_step::limits, &child_setup::set_limits},
  {spawn_step::nice, &child_setup::set_nice},
  {spawn_step::cpus, &child_setup::bind_to_cpus},
  {spawn_step::lookup, &child_setup::look_up},
  {spawn_step::owner, &child_setup::give_away_output},
  {spawn_step::groups, &child_setup::set_groups},
  {spawn_step::user, &child_setup::set_user},
  {spawn_step::files, &child_setup::open_files},
  {spawn_step::dir, &child_setup::change_directory},
  {spawn_step::umask, &child_setup::set_umask},
  {spawn_step::privileges, &child_setup::drop_privileges},
  {spawn_step::mask, &child_setup::unblock_signals},
  {spawn_step::exec, &child_setup::execute},
}};

child_setup::child_setup(const spec& what, const rlimit& nofile,
                         const shared_step& step,
                         const std::optional<spawn_fault>& fault) noexcept
  : what_(what), nofile_(nofile), step_(step), fault_(fault),
    parent_(::getpid()) {
  // nop
}

// -- running ------------------------------------------------------------------

void child_setup::come_alive() noexcept {
  // Copies the few descriptors below only: the cost does not depend on how
  // many the parent has.
  if (::close_range(reserved_fds::last + 1, ~0u, CLOSE_RANGE_UNSHARE) != 0) {
    report(spawn_step::fork, errno);
    ::_exit(127);
  }
  report(spawn_step::fork, 0);
}

int child_setup::run() noexcept {
  for (auto& x : rows) {
    index_ = 0;
    hint_.clear();
    step_.set(x.step);
    if (auto error = attempt(x)) {
      report(x.step, error);
      return error;
    }
  }
  return 0; // not reached: the last row does not return 0
}

int child_setup::attempt(const row& x) noexcept {
  // Whatever else is thrown ends the child by std::terminate, and the parent
  // learns in which step.
  try {
    if (fault_ && fault_->step == x.step) {
      if (fault_->what == spawn_fault::kind::fail)
        return fault_->error;
      act_out_fault();
    }
    return (this->*x.run)();
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  } catch (const std::exception&) {
    return ENOTRECOVERABLE;
  }
}

void child_setup::act_out_fault() const {
  if (fault_->what == spawn_fault::kind::bad_alloc)
    throw std::bad_alloc();
  if (fault_->what == spawn_fault::kind::die)
    ::raise(SIGKILL);
  for (;;)
    ::pause();
}

void child_setup::report(spawn_step step, int error) const noexcept {
  spawn_record x{step, error != 0, index_, error};
  std::array<char, sizeof(x) + max_hint> bytes;
  auto length = std::min(hint_.size(), max_hint);
  std::memcpy(bytes.data(), &x, sizeof(x));
  std::memcpy(bytes.data() + sizeof(x), hint_.data(), length);
  auto size = sizeof(x) + (error != 0 ? length : 0);
  retry([&] { return ::write(child_slots::report, bytes.data(), size); });
}

// -- steps with the rights of the parent --------------------------------------

int child_setup::start_session() {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (auto number = 1; number <= SIGRTMAX; ++number)
    ::sigaction(number, &standard, nullptr); // refused for KILL, STOP: fine
  return outcome(::setsid());
}

int child_setup::enter_cgroup() {
  // Not CLONE_INTO_CGROUP: after a cgroup.kill the kernel kills such children
  // at birth.
  return what_.cgroup.empty() ? 0
                              : write_file(what_.cgroup + "/cgroup.procs", "0");
}

int child_setup::set_oom_score() {
  auto error = write_file("/proc/self/oom_score_adj",
                          std::to_string(what_.oom.value_or(0)));
  return what_.oom ? error : 0;
}

int child_setup::open_outputs() {
  auto in = what_.input_text.empty() ? ::open("/dev/null", O_RDONLY | O_NOCTTY)
                                     : file_with(what_.input_text);
  if (auto error = put(in, STDIN_FILENO))
    return error;
  if (auto error = open_output(what_.out, child_slots::out, STDOUT_FILENO))
    return error;
  index_ = 1;
  auto error = what_.err
                 ? open_output(*what_.err, child_slots::err, STDERR_FILENO)
                 : outcome(::dup2(STDOUT_FILENO, STDERR_FILENO));
  return error ? error : close_unused();
}

int child_setup::open_output(const output& x, int slot, int number) {
  switch (x.kind) {
    case output_kind::inherit:
    case output_kind::descriptor: return outcome(::dup2(slot, number));
    case output_kind::fifo: {
      // Read and write: the child is a reader of its own pipe, so nobody's
      // death gives it a SIGPIPE. This open never waits.
      auto fd = ::open(x.path.c_str(), O_RDWR | O_NOFOLLOW | O_NOCTTY);
      struct stat about = {};
      if (fd >= 0 && ::fstat(fd, &about) == 0 && !S_ISFIFO(about.st_mode)) {
        ::close(fd);
        return EINVAL;
      }
      return put(fd, number);
    }
    case output_kind::file: // with the user's rights, later
    case output_kind::null: break;
  }
  return put(::open("/dev/null", null_flags), number);
}

int child_setup::close_unused() const {
  auto passed = static_cast<int>(what_.fds.size());
  for (auto i = 0; i < passed; ++i)
    if (::fcntl(child_slots::passed + i, F_SETFD, 0) < 0)
      return errno;
  return outcome(
    ::close_range(static_cast<unsigned>(child_slots::passed + passed),
                  static_cast<unsigned>(child_slots::report - 1), 0));
}

int child_setup::open_pidfile() {
  if (what_.pidfile.empty())
    return 0;
  pidfile_ = open_locked(what_.pidfile.c_str());
  return pidfile_.opened ? 0 : pidfile_.error;
}

int child_setup::lock_pidfile() {
  if (what_.pidfile.empty())
    return 0;
  if (auto error = pidfile_.error) {
    if (error == EAGAIN || error == EACCES)
      hint_ = holder_of_lock(pidfile_.holder);
    return error;
  }
  auto text = std::to_string(::getpid()) + '\n';
  if (auto error = write_locked(pidfile_.fd, text.data(), text.size(), 0644))
    return error;
  // The lock lives as long as the descriptor: it stays open over exec.
  return outcome(::fcntl(pidfile_.fd, F_SETFD, 0));
}

int child_setup::set_limits() {
  if (auto error = outcome(::setrlimit(RLIMIT_NOFILE, &nofile_)))
    return error;
  for (auto& x : what_.limits) {
    ++index_;
    rlimit value{x.soft, x.hard};
    if (auto error = outcome(
          ::setrlimit(static_cast<__rlimit_resource>(x.resource), &value)))
      return error;
  }
  return 0;
}

int child_setup::set_nice() {
  errno = 0;
  if (::getpriority(PRIO_PROCESS, 0) == what_.nice && errno == 0)
    return 0;
  // Zero is the default, not a demand: a niced parent without rights keeps
  // what it has.
  auto error = outcome(::setpriority(PRIO_PROCESS, 0, what_.nice));
  return what_.nice == 0 ? 0 : error;
}

int child_setup::bind_to_cpus() {
  if (what_.cpus.empty())
    return 0;
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  for (auto cpu : what_.cpus) {
    if (cpu < 0 || cpu >= CPU_SETSIZE)
      return EINVAL;
    CPU_SET(cpu, &allowed);
  }
  return outcome(::sched_setaffinity(0, sizeof(allowed), &allowed));
}

// -- steps with the rights of the user ----------------------------------------

int child_setup::open_files() {
  if (!what_.input.empty())
    if (auto error = put(::open(what_.input.c_str(), O_RDONLY | O_NOCTTY),
                         STDIN_FILENO))
      return error;
  index_ = 1;
  if (is_file(what_.out))
    if (auto error = open_file(what_.out, STDOUT_FILENO))
      return error;
  index_ = 2;
  if (!what_.err)
    return outcome(::dup2(STDOUT_FILENO, STDERR_FILENO));
  return is_file(*what_.err) ? open_file(*what_.err, STDERR_FILENO) : 0;
}

int child_setup::open_file(const output& x, int number) {
  return put(
    ::open(x.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY, 0644),
    number);
}

int child_setup::change_directory() {
  return outcome(::chdir(what_.dir.empty() ? "/" : what_.dir.c_str()));
}

int child_setup::set_umask() {
  ::umask(what_.umask);
  return 0;
}

int child_setup::drop_privileges() {
  if (what_.no_new_privs)
    if (auto error = outcome(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)))
      return error;
  if (what_.death_signal == 0)
    return 0;
  // After the change of the user, which clears it.
  if (auto error = outcome(::prctl(PR_SET_PDEATHSIG, what_.death_signal)))
    return error;
  return ::getppid() == parent_ ? 0 : EOWNERDEAD;
}

int child_setup::unblock_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  // A child has one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
  return outcome(::sigprocmask(SIG_SETMASK, &none, nullptr));
}

} // namespace saker::process

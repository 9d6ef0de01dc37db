#include "process/spawn.hpp"

#include "process/child_setup.hpp"
#include "process/wait.hpp"

// Boost.Process 1.81 forgets these when it uses std::filesystem.
#include <boost/optional.hpp>
#include <boost/type_traits.hpp>

#include <algorithm>
#include <limits>

#define BOOST_PROCESS_USE_STD_FS 1
#include <boost/asio/io_context.hpp>
#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace saker::process {

namespace {

namespace v2 = boost::process::v2;
using boost::system::error_code;

// A child touches no file before its sign of life: a tenth of a millisecond
// is usual. Only somebody who stops it can make it late.
constexpr int sign_of_life_ms = 10'000;

/// Keeps signals away from the child until it has its own dispositions.
class signals_blocked {
public:
  signals_blocked() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    // Who spawns has one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
    ::sigprocmask(SIG_SETMASK, &all, &before_);
  }

  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

  ~signals_blocked() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  }

private:
  sigset_t before_{};
};

/// Puts descriptors into the reserved numbers for one child.
class lent_slots {
public:
  explicit lent_slots(const reserved_fds& reserved) noexcept
    : reserved_(reserved) {
    // nop
  }

  lent_slots(const lent_slots&) = delete;
  lent_slots& operator=(const lent_slots&) = delete;

  ~lent_slots() {
    for (auto number = reserved_fds::first; number <= reserved_fds::last;
         ++number)
      if (lent_ & 1u << number)
        reserved_.refill(number);
  }

  int lend(int source, int number) noexcept {
    lent_ |= 1u << number;
    return reserved_.lend(source, number);
  }

private:
  const reserved_fds& reserved_;
  unsigned lent_ = 0;
};

/// A fork that shares the table of descriptors until the child cuts itself
/// off, and gives a pidfd. clone3 could do a little more, but Docker's default
/// seccomp profile refuses it.
pid_t fork_sharing_fds(int& pidfd) noexcept {
  constexpr unsigned long flags = SIGCHLD | CLONE_FILES | CLONE_PIDFD;
  return static_cast<pid_t>(
    ::syscall(SYS_clone, flags, nullptr, &pidfd, nullptr, 0));
}

/// Boost.Process's extension point. The stock launchers of 1.81 leak
/// descriptors, leave a zombie behind each failed start and can report a
/// failed set-up as success.
class launcher : public v2::posix::default_launcher {
public:
  explicit launcher(int report) noexcept : report_(report) {
    // nop
  }

  /// Forks and returns at the child's sign of life. `pid` and `pidfd` tell
  /// about the child; the returned process is empty, because 1.81's handle
  /// kills in its destructor and never gives its pidfd back.
  template <class Executor, class Args, class... Inits>
  v2::basic_process<Executor>
  operator()(Executor exec, error_code& ec, const v2::filesystem::path& program,
             Args&& args, Inits&&... inits) {
    namespace hooks = v2::posix::detail;
    auto argv = build_argv_(program, std::forward<Args>(args));
    // Boost skips an initializer with a slip in its signature in silence.
    static_assert(
      (requires { inits.on_exec_setup(*this, program, argv); } && ...));
    ec = hooks::on_setup(*this, program, argv, inits...);
    v2::basic_process<Executor> none{exec}; // made while it may still throw
    if (ec)
      return none;
    signals_blocked guard;
    auto handle = -1;
    pid = fork_sharing_fds(handle);
    if (pid == 0)
      be_child([&] { hooks::on_exec_setup(*this, program, argv, inits...); },
               inits...);
    if (pid < 0)
      ec.assign(errno, boost::system::system_category());
    else
      pidfd.reset(handle);
    if (pid > 0 && !await_sign_of_life(ec))
      bury();
    return none;
  }

  unique_fd pidfd;
  bool killed = false; ///< the child died without a sign

private:
  template <class Setup, class... Inits>
  [[noreturn]] static void be_child(Setup setup, Inits&... inits) noexcept {
    (inits.come_alive(), ...);
    setup();
    ::_exit(127);
  }

  /// Both the pipe and the handle: while the child shares our table, its death
  /// does not close the pipe.
  bool await_sign_of_life(error_code& ec) noexcept {
    pollfd both[] = {{report_, POLLIN, 0}, {pidfd.get(), POLLIN, 0}};
    auto ready = ::poll(both, 2, sign_of_life_ms);
    spawn_record first;
    if (::read(report_, &first, sizeof(first)) == sizeof(first)) {
      ec.assign(first.failed ? first.error : 0,
                boost::system::system_category());
      return !first.failed;
    }
    killed = ready > 0;
    ec.assign(killed ? ECHILD : ETIMEDOUT, boost::system::system_category());
    return false;
  }

  void bury() noexcept {
    ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
    siginfo_t info = {};
    ::waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &info, WEXITED);
    pidfd.reset();
  }

  int report_;
};

struct report_pipe {
  unique_fd reader;
  unique_fd writer;
};

int open_pipe(report_pipe& x) noexcept {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return errno;
  x.reader.reset(ends[0]);
  x.writer.reset(ends[1]);
  return ::fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ? errno : 0;
}

bool has_nul(std::string_view x) {
  return x.find('\0') != std::string_view::npos;
}

template <class Range>
bool any_has_nul(const Range& xs) {
  return std::any_of(xs.begin(), xs.end(),
                     [](const std::string& x) { return has_nul(x); });
}

int refusal_of(const spec& what) {
  if (what.argv.empty() || what.argv.front().empty() || any_has_nul(what.argv)
      || any_has_nul(what.env) || any_has_nul(what.groups))
    return EINVAL;
  for (auto x : {&what.dir, &what.user, &what.input, &what.pidfile,
                 &what.cgroup, &what.out.path})
    if (has_nul(*x))
      return EINVAL;
  if (what.err && has_nul(what.err->path))
    return EINVAL;
  return what.fds.size() > max_passed_fds ? E2BIG : 0;
}

int source_of(const output& x, int number) {
  return x.kind == output_kind::inherit ? number : x.fd;
}

bool is_handed_over(const output& x) {
  return x.kind == output_kind::inherit || x.kind == output_kind::descriptor;
}

/// 0 or an errno.
int lend_all(lent_slots& slots, const spec& what) {
  auto number = child_slots::passed;
  for (auto fd : what.fds)
    if (auto error = slots.lend(fd, number++))
      return error;
  if (is_handed_over(what.out))
    if (auto error = slots.lend(source_of(what.out, STDOUT_FILENO),
                                child_slots::out))
      return error;
  if (what.err && is_handed_over(*what.err))
    return slots.lend(source_of(*what.err, STDERR_FILENO), child_slots::err);
  return 0;
}

/// What the report needs to name the object of a step.
spec without_bulk(const spec& what) {
  auto x = what;
  x.env = {};
  x.argv.resize(std::min<std::size_t>(x.argv.size(), 1));
  x.argv.shrink_to_fit();
  return x;
}

spawn_failure failed(const spec& what, spawn_step step, int error) {
  return {step, error, subject_of(what, step)};
}

bool hits(const std::optional<spawn_fault>& fault, spawn_step step) {
  return fault && fault->step == step;
}

} // namespace

struct spawner::state {
  explicit state(reserved_fds fds, const rlimit& limit)
    : reserved(std::move(fds)), nofile(limit) {
    // Opens what Asio wants for itself now, not at the first spawn.
    v2::basic_process<boost::asio::io_context::executor_type> first{
      context.get_executor()};
  }

  spawn_result spawn(const spec& what, const std::optional<spawn_fault>& fault);
  spawn_result launch(const spec& what, const std::optional<spawn_fault>& fault,
                      unique_fd reader);

  reserved_fds reserved;
  rlimit nofile;
  boost::asio::io_context context; ///< never run; Boost.Process wants one
};

spawn_result spawner::state::spawn(const spec& what,
                                   const std::optional<spawn_fault>& fault) {
  for (auto step :
       {spawn_step::arguments, spawn_step::report, spawn_step::fork})
    if (hits(fault, step))
      return failed(what, step, fault->error ? fault->error : ENOMEM);
  if (auto error = refusal_of(what))
    return failed(what, spawn_step::arguments, error);
  report_pipe report;
  if (auto error = open_pipe(report))
    return failed(what, spawn_step::report, error);
  lent_slots slots{reserved};
  if (auto error = slots.lend(report.writer.get(), child_slots::report))
    return failed(what, spawn_step::report, error);
  if (auto error = lend_all(slots, what))
    return failed(what, spawn_step::output, error);
  report.writer.reset();
  return launch(what, fault, std::move(report.reader));
}

spawn_result spawner::state::launch(const spec& what,
                                    const std::optional<spawn_fault>& fault,
                                    unique_fd reader) {
  // All memory is taken before the fork: afterwards nothing may throw.
  shared_step step;
  if (!step.make())
    return failed(what, spawn_step::report, ENOMEM);
  launcher launch_child{reader.get()};
  started child;
  child.report = spawn_report{std::move(reader), std::move(step),
                              without_bulk(what)};
  child_setup setup{what, nofile, child.report.shared(), fault};
  v2::filesystem::path program{what.argv.front()};
  auto arguments = std::span{what.argv}.subspan(1);
  error_code ec;
  launch_child(context.get_executor(), ec, program, arguments, setup);
  if (ec)
    return failed(what, spawn_step::fork, launch_child.killed ? 0 : ec.value());
  child.pid = launch_child.pid;
  child.pidfd = std::move(launch_child.pidfd);
  return child;
}

spawner::spawner(std::unique_ptr<state> st) noexcept : state_(std::move(st)) {
  // nop
}

spawner::spawner(spawner&&) noexcept = default;
spawner& spawner::operator=(spawner&&) noexcept = default;
spawner::~spawner() = default;

result<spawner> spawner::make() {
  rlimit nofile = {};
  if (::getrlimit(RLIMIT_NOFILE, &nofile) != 0)
    return system_failure("read", "the limit of open files", errno);
  return make(nofile);
}

result<spawner> spawner::make(const rlimit& nofile) {
  auto reserved = reserved_fds::take();
  if (!reserved)
    return reserved.error();
  try {
    return spawner{std::make_unique<state>(std::move(*reserved), nofile)};
  } catch (const boost::system::system_error& e) {
    return fail(errc::io, std::string{"prepare to spawn: "} + e.what());
  }
}

spawn_result
spawner::spawn(const spec& what, const std::optional<spawn_fault>& fault) {
  // The child never gets here: its part is noexcept and ends in _exit.
  try {
    return state_->spawn(what, fault);
  } catch (const std::bad_alloc&) {
    return spawn_failure{spawn_step::fork, ENOMEM, {}};
  }
}

const rlimit& spawner::nofile() const noexcept {
  return state_->nofile;
}

result<void> spawner::check() const {
  return state_->reserved.check();
}

} // namespace saker::process

#include "keeper/node_process.hpp"

#include "process/wait.hpp"

#include <climits>
#include <csignal>
#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

namespace saker::keeper {

using namespace std::chrono_literals;
using boost::asio::posix::stream_descriptor;

namespace {

std::string working_directory() {
  char buffer[PATH_MAX];
  return ::getcwd(buffer, sizeof(buffer)) ? buffer : "/";
}

mode_t current_umask() {
  auto x = ::umask(077);
  ::umask(x);
  return x;
}

process::spec
node_spec(const std::vector<std::string>& argv, int link, int oom_score) {
  process::spec x;
  x.argv = argv;
  for (auto variable = ::environ; *variable; ++variable)
    x.env.emplace_back(*variable);
  x.dir = working_directory();
  x.umask = current_umask();
  x.out.kind = process::output_kind::inherit;
  x.err = process::output{process::output_kind::inherit, {}, -1};
  x.fds = {link};
  x.death_signal = SIGKILL;
  if (oom_score != 0)
    x.oom = oom_score;
  return x;
}

} // namespace

bool node_process::start(const unique_fd& link, int oom_score) {
  auto started = spawn_.spawn(node_spec(argv_, link.get(), oom_score));
  if (!started) {
    events_.failed(process::to_string(started.error()));
    return false;
  }
  pid_ = started->pid;
  pidfd_.assign(started->pidfd.release());
  reaper_.track(pid_, 0);
  watch_setup(std::move(started->report));
  watch_end();
  return true;
}

void node_process::signal(int number) {
  if (runs())
    process::signal_process(pidfd_.native_handle(), number);
}

void node_process::watch_setup(process::spawn_report report) {
  setup_ = std::make_unique<birth>(
    io_, std::move(report), 10s, [this](const auto& progress) {
      auto dropped = std::move(setup_);
      if (auto why = std::get_if<process::spawn_failure>(&progress))
        events_.failed(process::to_string(*why));
      else if (std::holds_alternative<process::spawn_pending>(progress))
        signal(SIGKILL);
    });
}

void node_process::watch_end() {
  pidfd_.async_wait(stream_descriptor::wait_read, [this](auto error) {
    if (error)
      return;
    auto reaped = process::reap(pidfd_.native_handle());
    if (reaped && !*reaped)
      return watch_end();
    if (setup_)
      if (auto progress = setup_->read();
          auto why = std::get_if<process::spawn_failure>(&progress))
        events_.failed(process::to_string(*why));
    setup_.reset();
    reaper_.untrack(pid_);
    pid_ = 0;
    pidfd_.close();
    using kind = process::exit_status::kind;
    node_end how;
    if (reaped) {
      how.signaled = (*reaped)->status.how == kind::signaled;
      how.number = (*reaped)->status.code;
    }
    events_.ended(how);
  });
}

} // namespace saker::keeper

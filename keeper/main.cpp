#include "keeper/core.hpp"
#include "keeper/options.hpp"
#include "keeper/runtime_folder.hpp"
#include "keeper/table_file.hpp"
#include "process/identity.hpp"
#include "process/pidfile.hpp"
#include "process/spawn.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace saker::keeper {

namespace {

using namespace std::chrono_literals;

constexpr int usage_error = 2;
constexpr int already_running = 3;
constexpr int our_bug = 70;
constexpr auto predecessor_limit = 2s;

int complain(const std::string& text, int code) {
  std::fprintf(stderr, "saker: run: %s\n", text.c_str());
  return code;
}

int complain_about(const failure& why) {
  if (why.code == errc::pidfile_locked)
    return complain("another Saker runs here: " + why.detail, already_running);
  return complain(why.detail, 1);
}

/// A dying predecessor gets a moment to let go.
result<process::instance_lock> acquire(const std::string& path) {
  auto until = std::chrono::steady_clock::now() + predecessor_limit;
  for (;;) {
    auto held
      = process::instance_lock::acquire(path, std::chrono::system_clock::now());
    if (held || held.error().code != errc::pidfile_locked
        || std::chrono::steady_clock::now() >= until)
      return held;
    std::this_thread::sleep_for(20ms);
  }
}

/// Journal and logs are for one alone too. A disk that cannot be written stops
/// nobody here: children may live.
result<std::optional<process::instance_lock>>
acquire_state(const options& given) {
  using lock = std::optional<process::instance_lock>;
  if (given.state_dir.empty())
    return lock{};
  auto held = acquire(given.state_dir + "/saker.lock");
  if (!held && held.error().code == errc::pidfile_locked)
    return held.error();
  return held ? lock{std::move(*held)} : lock{};
}

/// Only then nothing can live that an earlier keeper started. The state
/// directory outlives a boot; others cannot write there.
bool is_first_of_boot(const std::optional<process::instance_lock>& state) {
  return state && !state->boot_before().empty()
         && state->boot_before() != process::to_string(process::this_boot());
}

/// Returns whether the kernel let us.
bool set_own_oom_score(const char* score) {
  unique_fd fd{::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)};
  auto text = std::string_view{score};
  return fd
         && ::write(fd.get(), text.data(), text.size())
              == static_cast<ssize_t>(text.size());
}

/// What a shell, a make or a CI left open is none of our business, and must
/// not reach every child. Standard streams that are closed become /dev/null.
void drop_inherited_descriptors() {
  ::close_range(3, ~0U, 0);
  for (auto fd = 0; fd < 3; ++fd)
    if (::fcntl(fd, F_GETFD) < 0)
      (void)::open("/dev/null", O_RDWR); // takes the lowest free number: fd
}

void raise_nofile(rlimit limit) {
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int run(const options& given) {
  drop_inherited_descriptors();
  if (auto done = make_runtime_folder(given.runtime_dir); !done)
    return complain(done.error().detail, 1);
  auto spawn = process::spawner::make(); // before anything else opens a file
  if (!spawn)
    return complain(spawn.error().detail, 1);
  auto held = acquire(given.runtime_dir + "/keeper.lock");
  if (!held)
    return complain_about(held.error());
  auto state = acquire_state(given);
  if (!state)
    return complain_about(state.error());
  auto file = table_file::open(given.runtime_dir);
  if (!file)
    return complain(file.error().detail, 1);
  raise_nofile(spawn->nofile());
  auto scored = set_own_oom_score("-900");
  // Descendants whose parents end come to us, with their exit status.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  std::signal(SIGPIPE, SIG_IGN); // children get the default back
  boost::asio::io_context io{1};
  core keeper{io, given, *spawn, std::move(*file), scored ? -500 : 0};
  if (auto clean = spawn->check(); !clean)
    return complain(clean.error().detail, our_bug);
  if (auto done = keeper.start(is_first_of_boot(*state)); !done)
    return complain(done.error().detail, 1);
  io.run();
  return keeper.code();
}

} // namespace

} // namespace saker::keeper

int main(int argc, char** argv) {
  using namespace saker::keeper;
  try {
    auto given = parse_options({argv + 1, argv + argc});
    if (!given)
      return complain(given.error().detail, usage_error);
    return run(*given);
  } catch (const std::exception& x) {
    return complain(std::string{"a bug: "} + x.what(), our_bug);
  }
}

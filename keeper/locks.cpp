#include "keeper/locks.hpp"

#include "process/identity.hpp"

#include <chrono>
#include <thread>

namespace saker::keeper {

using namespace std::chrono_literals;

namespace {

constexpr auto predecessor_limit = 2s;

} // namespace

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

bool is_first_of_boot(const std::optional<process::instance_lock>& state) {
  return state && !state->boot_before().empty()
         && state->boot_before() != process::to_string(process::this_boot());
}

} // namespace saker::keeper

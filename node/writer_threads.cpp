#include "node/writer_threads.hpp"

#include <system_error>
#include <thread>

namespace saker::node {

io::loop* writer_threads::add() {
  std::lock_guard guard{mutex_};
  try {
    auto one = std::make_unique<io::loop>(sys_, io::loop::time_per_turn, 0);
    std::thread{[this, loop = one.get()] {
      loop->run();
      std::lock_guard done{mutex_};
      --running_;
      ended_.notify_all();
    }}.detach();
    ++running_;
    return loops_.emplace_back(std::move(one)).get();
  } catch (const std::system_error&) {
    return nullptr;
  }
}

std::size_t writer_threads::abandon(std::chrono::milliseconds patience) {
  std::unique_lock guard{mutex_};
  for (auto& x : loops_)
    x->stop();
  ended_.wait_for(guard, patience, [this] { return running_ == 0; });
  return running_;
}

} // namespace saker::node

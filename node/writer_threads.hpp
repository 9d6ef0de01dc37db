#pragma once

#include "io/loop.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace saker::node {

/// A loop and a thread for each WRITER: they wait for disks. They live as long
/// as the program.
class writer_threads {
public:
  explicit writer_threads(caf::actor_system& sys) : sys_(sys) {
    // nop
  }

  /// One more; null if there are no threads or descriptors left. Any thread.
  io::loop* add();

  /// Ends those that are not in the middle of something within `patience`, and
  /// leaves the others behind: the process is about to end. Returns how many.
  std::size_t abandon(std::chrono::milliseconds patience);

private:
  caf::actor_system& sys_;
  std::mutex mutex_; // guards what follows
  std::condition_variable ended_;
  std::size_t running_ = 0;
  std::vector<std::unique_ptr<io::loop>> loops_;
};

} // namespace saker::node

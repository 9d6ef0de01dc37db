#include "base/buffer.hpp"

#include <cstddef>
#include <vector>

namespace saker {

namespace {

/// Together at most 1 MiB of each thread.
constexpr std::size_t most_buffers = 64;
constexpr std::size_t largest_buffer = std::size_t{16} * 1024;

/// Smaller ones would grow at once.
constexpr std::size_t smallest_buffer = 64;

struct buffer_pool {
  buffer_pool() {
    alive = true;
    free.reserve(most_buffers);
  }

  ~buffer_pool() {
    alive = false; // whoever comes later, at the end of the thread, has none
  }

  static inline thread_local bool alive = false;
  std::vector<std::string> free;
};

thread_local buffer_pool pool;

} // namespace

std::string take_buffer() {
  if (auto& free = pool.free; buffer_pool::alive && !free.empty()) {
    auto x = std::move(free.back());
    free.pop_back();
    return x;
  }
  return {};
}

void give_buffer(std::string x) noexcept {
  auto size = x.capacity();
  if (size < smallest_buffer || size > largest_buffer)
    return;
  auto& free = pool.free;
  if (!buffer_pool::alive || free.size() == most_buffers)
    return;
  x.clear();
  free.push_back(std::move(x));
}

} // namespace saker

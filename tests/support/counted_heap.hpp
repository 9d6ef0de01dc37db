// Counts what a test program takes from the heap. Replaces operator new, so it
// is included by one file of a program. Sanitizers have a heap of their own,
// which cannot be counted like this: there nothing is defined.
#pragma once

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#define SAKER_COUNTED_HEAP

#include <cstddef>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace saker::test {

struct heap_figures {
  std::size_t allocations = 0; ///< so far
  std::size_t bytes = 0; ///< in use, with what malloc keeps beside each block
};

/// Of this thread.
inline thread_local heap_figures heap;

inline std::size_t block_size(void* x) noexcept {
  return ::malloc_usable_size(x) + sizeof(std::size_t);
}

/// How often `f` allocates.
template <class F>
std::size_t allocations_of(F f) {
  auto before = heap.allocations;
  f();
  return heap.allocations - before;
}

} // namespace saker::test

void* operator new(std::size_t size) {
  auto x = std::malloc(size == 0 ? 1 : size);
  if (!x)
    throw std::bad_alloc{};
  ++saker::test::heap.allocations;
  saker::test::heap.bytes += saker::test::block_size(x);
  return x;
}

void operator delete(void* x) noexcept {
  if (x)
    saker::test::heap.bytes -= saker::test::block_size(x);
  std::free(x);
}

void operator delete(void* x, std::size_t) noexcept {
  operator delete(x);
}

#endif

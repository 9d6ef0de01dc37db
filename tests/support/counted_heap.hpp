// Counts what a test program takes from the heap. Included by one file of a
// program: replaces operator new, or hears of each block from the heap of
// AddressSanitizer. That of ThreadSanitizer cannot be counted: there nothing is
// defined.
#pragma once

#ifndef __SANITIZE_THREAD__

#define SAKER_COUNTED_HEAP

#include <cstddef>
#include <cstdlib>
#include <new>

#ifdef __SANITIZE_ADDRESS__
// Of sanitizer/allocator_interface.h, which GCC does not install.
extern "C" {
int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*,
                                                       std::size_t),
                                              void (*)(const volatile void*));
std::size_t __sanitizer_get_allocated_size(const volatile void*);
}
#else
#include <malloc.h>
#endif

namespace saker::test {

struct heap_figures {
  std::size_t allocations = 0; ///< so far
  std::size_t bytes = 0; ///< in use, with what malloc keeps beside each block
};

/// Of this thread.
inline thread_local heap_figures heap;

/// How often `f` allocates.
template <class F>
std::size_t allocations_of(F f) {
  auto before = heap.allocations;
  f();
  return heap.allocations - before;
}

} // namespace saker::test

#ifdef __SANITIZE_ADDRESS__

namespace saker::test {

/// What the C library's malloc would take for as many bytes: 16 at a time, 8 of
/// its own, at least 32.
inline std::size_t block_size(std::size_t bytes) noexcept {
  auto size = (bytes + sizeof(std::size_t) + 15) / 16 * 16;
  return size < 32 ? 32 : size;
}

inline const int heap_hooks = __sanitizer_install_malloc_and_free_hooks(
  [](const volatile void*, std::size_t size) {
    ++heap.allocations;
    heap.bytes += block_size(size);
  },
  [](const volatile void* x) {
    heap.bytes
      -= block_size(__sanitizer_get_allocated_size(const_cast<const void*>(x)));
  });

} // namespace saker::test

#else

namespace saker::test {

inline std::size_t block_size(void* x) noexcept {
  return ::malloc_usable_size(x) + sizeof(std::size_t);
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

#endif

// What each thread of a program has of its own, and clears when it begins.
#include "io/stream.hpp"
#include "io/tls_engine.hpp"

#include <gtest/gtest.h>

#include <link.h>

namespace saker::io {
namespace {

/// Bytes of the first one that is listed: the program itself.
int add_own_storage(dl_phdr_info* x, std::size_t, void* into) {
  for (auto i = 0; i < x->dlpi_phnum; ++i)
    if (x->dlpi_phdr[i].p_type == PT_TLS)
      *static_cast<std::size_t*>(into) += x->dlpi_phdr[i].p_memsz;
  return 1;
}

TEST(thread_memory_test, is_no_place_for_buffers) {
  std::size_t bytes = 0;
  ::dl_iterate_phdr(add_own_storage, &bytes);
  EXPECT_GT(bytes, 0u) << "or it measures nothing";
  EXPECT_LT(bytes, 4096u);
}

} // namespace
} // namespace saker::io

// Matches arbitrary patterns, and checks what the index of patterns relies on:
// a match lies within its frame and begins as foreseen.
#include "pubsub/glob.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  auto end = bytes.find('\n');
  auto pattern = bytes.substr(0, end);
  auto text = end == bytes.npos ? std::string_view{} : bytes.substr(end + 1);
  auto [head, middle, tail] = saker::pubsub::frame_of(pattern);
  if (!saker::pubsub::glob_match(pattern, text))
    return 0;
  if (!text.starts_with(head) || !text.ends_with(tail)
      || text.find(middle, head.size()) == text.npos
      || !saker::pubsub::glob_may_begin_with(pattern, text))
    std::abort();
  return 0;
}

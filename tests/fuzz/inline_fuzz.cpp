// Splits arbitrary lines: arguments must lie within the bytes that came out,
// and no more bytes may come out than went in.
#include "resp/parser.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view line{reinterpret_cast<const char*>(data), size};
  std::string bytes;
  std::vector<std::size_t> lengths;
  if (!saker::resp::split_inline(line, bytes, lengths))
    return 0;
  std::size_t total = 0;
  for (auto x : lengths)
    total += x;
  if (total != bytes.size() || total > line.size())
    std::abort();
  return 0;
}

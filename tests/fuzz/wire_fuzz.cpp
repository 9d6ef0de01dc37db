// Feeds arbitrary bytes to the parsers of what other nodes say. The first byte
// chooses the parser; what was read must survive being written and read again.
#include "cluster/hello.hpp"
#include "cluster/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace saker::cluster;

void require(bool x) {
  if (!x)
    std::abort();
}

void look(char what, std::string_view bytes) {
  switch (what) {
    case 'h':
      if (auto x = parse_hello(bytes); x && x->protocol == protocol_version)
        require(parse_hello(encode(*x)).value() == *x);
      break;
    case 'i':
      if (auto x = parse_interest(bytes))
        require(parse_interest(encode(*x)).value() == *x);
      break;
    case 'b':
      if (auto x = parse_batch(bytes))
        require(parse_batch(encode(*x)).value().size() == x->size());
      break;
    case 'c':
      if (auto x = parse_command(bytes))
        require(parse_command(encode(*x)).value() == *x);
      break;
    default: parse_reply(bytes); break;
  }
}

} // namespace

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1)
    return 0;
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  look(bytes.front(), bytes.substr(1));
  return 0;
}

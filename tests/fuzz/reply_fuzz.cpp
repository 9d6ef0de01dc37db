// Feeds arbitrary bytes to the parser of replies: whole and cut. What was read
// must also survive being written and read again.
#include "resp/reply_parser.hpp"
#include "resp/writer.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace saker::resp;

void feed(reply_parser& in, std::string_view bytes, std::string& out) {
  in.feed(bytes);
  while (auto x = in.next()) {
    out += to_string(*x) + '\n';
    encode(*x, protocol::resp2);
    reply_parser again;
    again.feed(encode(*x, protocol::resp3));
    if (!again.next() || !again.idle())
      std::abort();
  }
}

} // namespace

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2)
    return 0;
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  auto step = 1u + static_cast<unsigned char>(bytes.front()) / 2u;
  bytes.remove_prefix(1);
  reply_limits limits{8, 1 << 20, 10'000, 4096};
  reply_parser whole{limits};
  std::string at_once;
  feed(whole, bytes, at_once);
  reply_parser cut{limits};
  std::string in_pieces;
  for (std::size_t at = 0; at < bytes.size(); at += step)
    feed(cut, bytes.substr(at, step), in_pieces);
  if (at_once != in_pieces || whole.failed() != cut.failed())
    std::abort();
  return 0;
}

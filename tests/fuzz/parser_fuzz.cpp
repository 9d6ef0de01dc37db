// Feeds arbitrary bytes to the parser of requests: whole and cut. What comes
// out must not depend on the cuts, and no view may outlive its bytes.
#include "resp/parser.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using saker::resp::parser;

/// Feeds `bytes`, which are freed afterwards, and describes what came out.
void feed(parser& in, std::string_view bytes, std::string& out) {
  auto copy = std::string{bytes};
  in.feed(copy);
  for (;;) {
    auto state = in.next();
    if (state != parser::state::command)
      break;
    out += '[' + std::to_string(in.args().size());
    for (auto arg : in.args())
      out.append(" ").append(arg);
    // Every now and then a command has to wait for its turn.
    if (out.size() % 5 == 0) {
      in.unread();
      in.hold();
      if (in.next() != parser::state::command)
        std::abort();
    }
  }
  in.hold();
}

} // namespace

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2)
    return 0;
  auto bytes = std::string_view{reinterpret_cast<const char*>(data), size};
  auto options = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  auto make_ready = [options](parser& x) { x.authenticated(options & 1); };
  saker::resp::request_limits limits{1000, 1 << 20};
  parser whole{limits};
  make_ready(whole);
  std::string at_once;
  feed(whole, bytes, at_once);
  parser cut{limits};
  make_ready(cut);
  std::string in_pieces;
  auto step = 1 + options / 2;
  for (std::size_t at = 0; at < bytes.size(); at += step)
    feed(cut, bytes.substr(at, step), in_pieces);
  if (at_once != in_pieces || whole.error() != cut.error())
    std::abort();
  return 0;
}

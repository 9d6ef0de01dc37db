// One client that sends arbitrary bytes, whole and cut: what it is answered
// must not depend on the cuts, and what it is answered must be RESP.
#include "resp/reply_parser.hpp"
#include "tests/session/world.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using saker::resp::push;
using saker::resp::value;
using saker::session::alias;
using saker::session::alias_table;
using saker::test::world;

world make(unsigned char options) {
  static const auto aliases = [] {
    std::vector<alias> all{{"greet", "greet.lua", "Greets.", -2}};
    return std::make_shared<const alias_table>(std::move(all));
  }();
  auto config = saker::test::default_settings();
  config.requests = {1000, 1 << 20};
  config.aliases = [] { return aliases; };
  if (options & 2)
    saker::test::set_user(config, "default", {">a"});
  return world{std::move(config), options & 1 ? saker::test::root_peer()
                                              : saker::test::stranger_peer()};
}

/// What a client was sent. Messages stand between any two replies: between
/// which ones depends on what was read at once.
struct received {
  std::string replies;
  std::string messages;

  bool operator==(const received&) const = default;
};

bool is_message(const value& x) {
  auto* frame = x.get_if<push>();
  return frame && !frame->items.empty()
         && frame->items[0].text().ends_with("message");
}

received read(std::string_view bytes) {
  received result;
  saker::resp::reply_parser in;
  in.feed(bytes);
  while (auto x = in.next())
    (is_message(*x) ? result.messages : result.replies) += to_string(*x) + '\n';
  if (in.failed() || !in.idle())
    std::abort();
  return result;
}

} // namespace

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2)
    return 0;
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  auto options = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  auto whole = make(options);
  auto at_once = whole.feed(bytes);
  auto cut = make(options);
  std::string in_pieces;
  auto step = 1u + options / 4u;
  for (std::size_t at = 0; at < bytes.size(); at += step)
    in_pieces += cut.feed(bytes.substr(at, step));
  if (read(at_once) != read(in_pieces) || whole.closed != cut.closed
      || whole.reason != cut.reason)
    std::abort();
  return 0;
}

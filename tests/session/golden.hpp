#pragma once

#include "tests/session/world.hpp"

#include <string>
#include <string_view>
#include <utility>

/// What redis-server 7.0.15 answered to the same bytes, word for word.
namespace saker::test::golden {

inline std::string from_root(std::string_view input) {
  return play(input, [] { return world{}; });
}

inline std::string with_password(std::string_view input) {
  return play(input, [] {
    auto config = default_settings();
    set_user(config, "default", {">secret"});
    return world{std::move(config)};
  });
}

inline constexpr std::string_view hello2
  = "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n"
    "$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:7\r\n$4\r\nmode\r\n$10\r\nstandalone"
    "\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n";

inline constexpr std::string_view hello3
  = "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n"
    "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:7\r\n$4\r\nmode\r\n$10\r\nstandalone"
    "\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n";

/// A frame of `subscribe` and the like.
inline std::string
frame(char type, std::string_view verb, const char* name, int count) {
  std::string out;
  out += type;
  out += "3\r\n$" + std::to_string(verb.size()) + "\r\n" + std::string{verb};
  if (name)
    out += "\r\n$" + std::to_string(std::string_view{name}.size()) + "\r\n"
           + name;
  else
    out += type == '>' ? "\r\n_" : "\r\n$-1";
  return out + "\r\n:" + std::to_string(count) + "\r\n";
}

inline constexpr std::string_view in_context
  = "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are "
    "allowed in this context\r\n";

} // namespace saker::test::golden

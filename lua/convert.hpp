#pragma once

#include "base/result.hpp"
#include "resp/value.hpp"

#include <cstddef>
#include <string_view>

struct lua_State;

namespace saker::lua {

/// What a reply may grow to; a small table can stand for a huge reply.
struct reply_limits {
  std::size_t bytes = 64u << 20;
  std::size_t values = 1'000'000;
  int depth = 32;
};

/// The results of a command as a reply, by these rules:
///
/// | Lua                       | reply                                       |
/// |---------------------------|---------------------------------------------|
/// | nothing, nil, false       | null                                        |
/// | true                      | 1                                           |
/// | number                    | integer; with a fraction a double in RESP3  |
/// | string                    | bulk                                        |
/// | {ok=s}, {err=s}           | status, error                               |
/// | {map=t}, {set=t}, {double=n} | the RESP3 types                          |
/// | array                     | array, up to the first nil                  |
/// | true, text                | bulk                                        |
/// | false, text; nil, text    | error                                       |
///
/// Reads the top `n` values without metamethods. Fails: errc::script_error
/// for other types, cycles and too much. [-0, +0]
result<resp::value> to_reply(lua_State* L, int n, resp::protocol dialect,
                             const reply_limits& limits = {});

/// Pushes a reply as a script sees it: the reverse of the table above, except
/// that at the top null is nil and an error is nil and its text; a null inside
/// is false. [-0, +the number returned]
int push_reply(lua_State* L, const resp::value& x);

/// [-0, +1]
void push_text(lua_State* L, std::string_view x);

} // namespace saker::lua

#include "lua/text_buffer.hpp"

#include <algorithm>

namespace saker::lua {

void text_buffer::grow(std::size_t by) {
  auto wanted
    = std::max({text_.capacity() * 2, text_.size() + by, std::size_t{256}});
  auto more = wanted - counted_;
  if (control_.enforced && control_.used + more > control_.options.memory) {
    // Like Lua's allocator: first ask the collector. It may run finalizers of
    // C modules only; scripts have none.
    lua_gc(L_, LUA_GCCOLLECT, 0);
    if (control_.used + more > control_.options.memory)
      kill(L_, errc::out_of_memory, out_of_memory_text(control_));
  }
  text_.reserve(wanted);
  counted_ += more;
  control_.used += more;
}

} // namespace saker::lua

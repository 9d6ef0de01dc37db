#include "lua/text_buffer.hpp"

#include <algorithm>

namespace saker::lua {

void text_buffer::grow(std::size_t by) {
  auto wanted
    = std::max({text_.capacity() * 2, text_.size() + by, std::size_t{256}});
  auto more = wanted - counted_;
  need_memory(L_, more);
  charge(L_, more / bytes_per_instruction);
  text_.reserve(wanted);
  counted_ += more;
  control_.used += more;
}

} // namespace saker::lua

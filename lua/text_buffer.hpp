#pragma once

#include "lua/budget.hpp"

#include <string>
#include <string_view>

namespace saker::lua {

/// Text that a C function collects for a script. It counts as memory of the
/// state; a run that lets it grow beyond the ceiling ends.
class text_buffer {
public:
  explicit text_buffer(lua_State* L) : L_(L), control_(control_of(L)) {
    // nop
  }

  text_buffer(const text_buffer&) = delete;
  text_buffer& operator=(const text_buffer&) = delete;

  ~text_buffer() {
    control_.used -= counted_;
  }

  /// May raise; see above.
  void append(std::string_view x) {
    if (text_.capacity() - text_.size() < x.size())
      grow(x.size());
    text_ += x;
  }

  void append(char x) {
    append(std::string_view{&x, 1});
  }

  std::string_view view() const noexcept {
    return text_;
  }

private:
  void grow(std::size_t by);

  lua_State* L_;
  control& control_;
  std::string text_;
  std::size_t counted_ = 0;
};

} // namespace saker::lua

#pragma once

#include <lua.hpp>

#include <exception>

namespace saker::lua {

/// Restores the height of the Lua stack at the end of the scope. Keeps off
/// while an error unwinds: Lua then finds its message on top of the stack and
/// restores the height itself.
class stack_guard {
public:
  explicit stack_guard(lua_State* L)
    : L_(L), height_(lua_gettop(L)), unwinding_(std::uncaught_exceptions()) {
    // nop
  }

  stack_guard(const stack_guard&) = delete;
  stack_guard& operator=(const stack_guard&) = delete;

  ~stack_guard() {
    if (std::uncaught_exceptions() == unwinding_)
      lua_settop(L_, height_);
  }

private:
  lua_State* L_;
  int height_;
  int unwinding_;
};

} // namespace saker::lua

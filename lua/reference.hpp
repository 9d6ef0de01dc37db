#pragma once

#include <lua.hpp>

#include <utility>

namespace saker::lua {

/// Keeps one Lua value alive from C++. The state must outlive it.
class reference {
public:
  reference() noexcept = default;

  /// Takes the value from the top of the stack. [-1, +0]
  explicit reference(lua_State* L)
    : L_(main_thread(L)), key_(luaL_ref(L, LUA_REGISTRYINDEX)) {
    // nop
  }

  reference(reference&& other) noexcept
    : L_(std::exchange(other.L_, nullptr)),
      key_(std::exchange(other.key_, LUA_NOREF)) {
    // nop
  }

  reference& operator=(reference&& other) noexcept {
    std::swap(L_, other.L_);
    std::swap(key_, other.key_);
    return *this;
  }

  ~reference() {
    if (L_)
      luaL_unref(L_, LUA_REGISTRYINDEX, key_);
  }

  explicit operator bool() const noexcept {
    return L_ != nullptr;
  }

  /// Pushes the value onto a thread of the same state. [-0, +1]
  void push(lua_State* L) const {
    lua_rawgeti(L, LUA_REGISTRYINDEX, key_);
  }

private:
  // A coroutine may be collected before the reference dies.
  static lua_State* main_thread(lua_State* L) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    auto main = lua_tothread(L, -1);
    lua_pop(L, 1);
    return main;
  }

  lua_State* L_ = nullptr;
  int key_ = LUA_NOREF;
};

} // namespace saker::lua

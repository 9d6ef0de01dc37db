#pragma once

#include "base/result.hpp"
#include "lua/control.hpp"

#include <memory>
#include <string_view>

namespace saker::lua {

/// Owns one Lua state: its memory, its libraries and its end.
///
/// Not for several threads at once, but for one after the other. The ceiling
/// of memory holds only while Lua code runs; the host never meets it.
///
/// | what Lua code does            | what the caller of it gets              |
/// |-------------------------------|-----------------------------------------|
/// | an error                      | errc::script_error, `file:line: text`   |
/// | runs longer than its budget   | errc::busy; it cannot catch that        |
/// | needs more than the memory    | errc::out_of_memory; cannot be caught   |
/// | a pattern with too many steps | errc::busy; cannot be caught            |
class state {
public:
  explicit state(state_options options = {});
  ~state();
  state(const state&) = delete;
  state& operator=(const state&) = delete;

  /// Ends the state early. Returns the bytes that Lua did not give back; more
  /// than 0 is a bug. Nothing else may be called afterwards.
  std::size_t close() noexcept;

  /// The main thread, for the C API. What is done with it outside of `call`
  /// must not raise Lua errors: they would arrive as std::runtime_error.
  lua_State* get() const noexcept {
    return L_;
  }

  /// Makes `owner_of<T>(L)` work in registered functions. Not owned.
  template <class T>
  void set_owner(T* owner) noexcept {
    control_->owner = owner;
  }

  /// Registers a global function; write `guarded<fun>`. [-0, +0]
  void set_function(const char* name, lua_CFunction function);

  /// Compiles text (never bytecode) and pushes the function. Messages name
  /// `chunk` as the file. [-0, +1 or +0 on failure]
  result<void> load(std::string_view chunk, std::string_view text);

  /// Calls a function on the main thread, to its end: nothing in it can yield
  /// to the host. [-(arguments + 1), +results or +0 on failure]
  result<void> call(int arguments, int results, budget allowed);

  /// `load` and `call` without arguments and results. [-0, +0]
  result<void>
  run(std::string_view chunk, std::string_view text, budget allowed);

  /// Bytes that Lua holds now, garbage included.
  std::size_t used() const noexcept {
    return control_->used;
  }

  /// Collects all garbage; a large state takes some milliseconds.
  void collect();

  control& shared() noexcept {
    return *control_;
  }

private:
  std::unique_ptr<control> control_;
  lua_State* L_;
};

} // namespace saker::lua

#pragma once

#include "lua/control.hpp"

#include <string>

namespace saker::lua {

/// Marks the calling C function as one that cannot be yielded across: below it
/// the count hook only counts, and requests to the host are refused. Raises a
/// Lua error when such functions are nested too deep for the C stack.
class barrier {
public:
  explicit barrier(lua_State* L);

  barrier(const barrier&) = delete;
  barrier& operator=(const barrier&) = delete;

  ~barrier() {
    --control_.barriers;
  }

private:
  control& control_;
};

/// Registers a C function of the standard library behind a barrier: it calls
/// back into Lua by lua_call. For functions without upvalues. Takes the
/// function from the top of the stack. [-1, +1]
void push_behind_barrier(lua_State* L);

/// The same for any function, at the price of one more call. [-1, +1]
void push_called_behind_barrier(lua_State* L);

/// Begins a turn: sets how many instructions pass between two looks.
void begin_pace(control& c);

/// Makes a thread look that often; call before it gets the turn. One
/// instruction on a large value (a comparison, a call with many arguments, a
/// search in an emptied table) may take as long as thousands on small ones, so
/// looks are closer together while large values exist, and while instructions
/// turn out to be slow.
void keep_pace(lua_State* L);

/// The count hook of every thread: where Lua code is paused or ended.
void on_count(lua_State* L, lua_Debug*);

/// Says that a C function did the work of that many instructions. Brings the
/// next look at the budget forward.
void charge(lua_State* L, std::uint64_t instructions);

/// A copy, or a sum, of so many bytes takes about as long as one instruction.
constexpr std::uint64_t bytes_per_instruction = 16;

/// `text` with the place before it where `L` stands. Definitions find out where
/// themselves.
std::string placed(lua_State* L, const std::string& text);

/// Ends the run with an error that nothing in Lua can catch. [-0, +0]
[[noreturn]] void kill(lua_State* L, errc why, std::string detail);

/// Ends the run if that much more does not fit into the memory of the state,
/// garbage aside. For what C++ holds on behalf of a script.
void need_memory(lua_State* L, std::size_t bytes);

/// Ends the run if its budget is spent. For C functions that work long.
void check_budget(lua_State* L);

/// Turns a failure of lua_resume or lua_pcall to allocate into the end of the
/// run. Call it before an error is handed to a script. [-0, +0]
void note_error(lua_State* L, int status);

/// Raises the error on top of `L` again, as the end of the run.
[[noreturn]] void raise(lua_State* L);

/// "ran for 1s without a pause": why a run over its budget ended.
std::string overrun_text(const control& x);

/// "needs more than 64mb of memory".
std::string out_of_memory_text(const control& x);

} // namespace saker::lua

#pragma once

#include "base/result.hpp"

#include <lua.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace saker::lua {

/// What `up("0s")`, `policy {…}` and the like give back: something that only
/// the reader of definitions understands.
struct definition_handle {
  std::string word;      ///< `up`, `policy`, `service`…
  std::size_t index = 0; ///< where its contents are
};

/// A Lua value as plain data.
struct definition_value {
  enum class kind { nil, boolean, number, text, table, function, handle };
  struct entry;

  kind what = kind::nil;
  bool truth = false;
  double number = 0;
  std::string text;           ///< of text; the word of a handle
  std::size_t index = 0;      ///< of a handle
  std::vector<entry> entries; ///< of a table: numbers first, then names, sorted

  bool is(kind x) const noexcept {
    return what == x;
  }

  /// A table whose keys are 1 to n, or an empty one.
  bool is_list() const noexcept;

  /// The field `name` of a table, or nullptr.
  const definition_value* find(std::string_view name) const noexcept;
};

/// One pair of a table: `name`, or where that is empty the number.
struct definition_value::entry {
  std::string name;
  long long number = 0;
  definition_value value;
};

/// For errors: `"two"`, `1.5`, `true`, `a table`.
std::string describe(const definition_value& x);

/// Pushes a handle. [-0, +1]
void push_handle(lua_State* L, const char* word, std::size_t index);

/// Reads a value without metamethods, at most 10 tables deep and 10 000 values
/// in all. `bytes` is how much text may still be read, and is counted down.
/// Fails: `limit`; `invalid_argument` for a table with keys that are neither
/// texts nor whole numbers. [-0, +0]
result<definition_value>
read_definition(lua_State* L, int index, std::size_t& bytes);

} // namespace saker::lua

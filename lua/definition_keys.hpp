#pragma once

#include "lua/definition_host.hpp"
#include "lua/definition_value.hpp"
#include "supervision/service.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::lua {

/// What the reading of keys tells and asks.
struct definition_sink {
  /// Something is wrong with this key; `key` is empty for the whole table.
  std::function<void(std::string_view key, std::string text)> error;
  std::function<void(std::string_view key, std::string text)> warning;
  const definition_host* host = nullptr; ///< never null
  std::string file;                      ///< the definition file
};

/// What a table of keys is for: not every key makes sense everywhere.
enum class definition_scope { service, defaults, policy };

/// All words that are keys of a service, sorted; those that are not available
/// yet too.
const std::vector<std::string>& definition_keys();

/// Puts what `table` says into `into`. A key that is wrong is told and left
/// out. `policy` is only checked here: what it stands for is applied before, by
/// evaluate_file.
void apply_keys(const definition_value& table, definition_scope scope,
                supervision::service& into, const definition_sink& sink);

/// What can be judged only when all keys are known: exec is there, {i} stands
/// where instances would get into each other's way.
void check_service(const supervision::service& x, const definition_sink& sink);

} // namespace saker::lua

#pragma once

#include "lua/definition_keys.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace saker::lua {

/// Warns of programs that are not where the child would look for them: names
/// in its PATH, relative paths in its `dir`. A host without `is_program` is
/// not asked.
void check_programs(const supervision::service& x, const definition_sink& sink);

/// `before` and `after` are commands. Other supervisors have words of the same
/// name for an order of services; whoever means that is told here.
std::string hook_hint(std::string_view key);

/// The word of a hook that is nothing but one: `{"db"}`, `"db"`; else empty.
std::string only_word(const std::vector<std::string>& command);

/// `requires` and the like of other supervisors: what to write instead; empty
/// for other keys.
std::string foreign_key_hint(std::string_view key);

} // namespace saker::lua

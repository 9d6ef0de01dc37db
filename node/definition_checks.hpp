#pragma once

#include "lua/definition.hpp"

#include <optional>

#include <sys/types.h>

namespace saker::node {

/// How definitions are checked against this machine and our rights on it.
/// `keeper`: the parent of all that Saker started; nothing: it does not run.
lua::definition_options definition_checks(std::optional<pid_t> keeper);

} // namespace saker::node

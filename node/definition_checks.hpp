#pragma once

#include "lua/definition.hpp"

namespace saker::node {

/// How definitions are checked against this machine and our rights on it.
lua::definition_options definition_checks();

} // namespace saker::node

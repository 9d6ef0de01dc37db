#pragma once

#include "lua/definition.hpp"

namespace saker::node {

/// How definition files are checked on this machine: time runs, and users and
/// groups are looked up in its data bases.
lua::definition_options definition_checks();

} // namespace saker::node

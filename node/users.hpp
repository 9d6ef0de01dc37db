#pragma once

#include "lua/definition_host.hpp"

namespace saker::node {

/// Users and groups are looked up in the data bases of this machine.
void add_user_checks(lua::definition_host& to);

} // namespace saker::node

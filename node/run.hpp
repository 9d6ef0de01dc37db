#pragma once

#include "node/options.hpp"

namespace saker::node {

/// Runs a node until it is told to end; returns the exit status of the
/// program: 0, or why it could not start (3 an address is taken, 78
/// configuration).
int run(const options& how);

/// `saker check FILE…`: evaluates definition files and prints every error.
int check(const options& how);

} // namespace saker::node

#pragma once

#include <cstddef>
#include <string>

namespace saker::node {

/// As many random digits, of 0-9a-f: what tells one run of a node from others.
std::string random_hex(std::size_t digits);

} // namespace saker::node

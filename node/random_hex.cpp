#include "node/random_hex.hpp"

#include <cstdio>
#include <random>

namespace saker::node {

std::string random_hex(std::size_t digits) {
  std::random_device source;
  std::string text;
  while (text.size() < digits) {
    char part[9];
    std::snprintf(part, sizeof(part), "%08x", source());
    text += part;
  }
  text.resize(digits);
  return text;
}

} // namespace saker::node

#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace saker::cluster {

/// What nodes of different versions must agree on. Another number is refused.
constexpr std::int64_t protocol_version = 2;

/// The largest cluster.
constexpr std::size_t most_nodes = 256;

struct known_node {
  std::string name;
  std::string address; ///< `10.0.0.2:12107`

  bool operator==(const known_node&) const = default;
};

/// What two nodes tell each other first.
struct hello {
  std::int64_t protocol = protocol_version;
  std::string name;
  std::string incarnation; ///< random; another one after each start
  std::string address;     ///< where others reach it; the host may be 0.0.0.0
  std::vector<known_node> members; ///< whom it has links to
  std::string version = {};        ///< of its Saker; empty: it did not say
  std::int64_t pid = 0;            ///< of its node; 0: it did not say
  std::int64_t started = 0;        ///< Unix ms; 0: it did not say

  bool operator==(const hello&) const = default;
};

std::string encode(const hello& x);

/// Reads also what a later version has appended. Fails: `syntax`.
result<hello> parse_hello(std::string_view text);

} // namespace saker::cluster

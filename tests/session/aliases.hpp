#pragma once

#include "session/alias_table.hpp"
#include "tests/session/world.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace saker::test {

inline std::shared_ptr<const session::alias_table> some_aliases() {
  std::vector<session::alias> all;
  all.push_back({"deploy", "deploy.lua", "Deploys.", -1});
  all.push_back({"look", "deploy.lua", "", 2, resp::right::status});
  all.push_back({"Other", "other.lua", "", -1});
  return std::make_shared<const session::alias_table>(std::move(all));
}

/// With commands of scripts.
inline session::settings with_aliases() {
  auto x = default_settings();
  x.aliases = [table = some_aliases()] { return table; };
  return x;
}

} // namespace saker::test

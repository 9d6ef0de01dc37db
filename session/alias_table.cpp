#include "session/alias_table.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace saker::session {

alias_table::alias_table(std::vector<alias> all) : all_(std::move(all)) {
  std::erase_if(
    all_, [](const alias& x) { return resp::find_command(x.name) != nullptr; });
  auto before = [](const alias& x, const alias& y) { return x.name < y.name; };
  std::stable_sort(all_.begin(), all_.end(), before);
  auto same = [](const alias& x, const alias& y) { return x.name == y.name; };
  all_.erase(std::unique(all_.begin(), all_.end(), same), all_.end());
  for (auto& x : all_) {
    exact_.emplace(x.name, &x);
    folded_.emplace(to_lower(x.name), &x);
  }
}

const alias* alias_table::find(std::string_view name) const {
  if (auto hit = exact_.find(name); hit != exact_.end())
    return hit->second;
  if (auto hit = folded_.find(to_lower(name)); hit != folded_.end())
    return hit->second;
  return nullptr;
}

} // namespace saker::session

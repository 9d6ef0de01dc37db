#include "supervision/definitions.hpp"

#include <algorithm>
#include <tuple>

namespace saker::supervision {

std::string to_string(const problem& x) {
  return to_string(x.where) + ": " + x.text;
}

void sort(std::vector<problem>& x) {
  auto key = [](const problem& y) {
    return std::tie(y.where.file, y.where.line, y.text);
  };
  std::sort(x.begin(), x.end(),
            [&](auto& a, auto& b) { return key(a) < key(b); });
  x.erase(std::unique(x.begin(), x.end()), x.end());
}

resolution merge(const service_set& before, const definitions& next,
                 const std::set<std::string>& kept) {
  resolution result;
  result.errors = next.errors;
  auto old_files = next.bad;
  for (auto& file : kept)
    if (!next.files.contains(file))
      old_files.insert(file);
  // A clash makes one more file keep what it had, which may clash again.
  for (auto settled = false; !settled;) {
    settled = true;
    result.services.clear();
    for (auto& [name, x] : before)
      if (old_files.contains(x->where.file))
        result.services.emplace(name, x);
    for (auto& [name, x] : next.services) {
      if (old_files.contains(x->where.file))
        continue;
      auto [held, added] = result.services.emplace(name, x);
      if (added)
        continue;
      result.errors.push_back(
        {x->where, "service \"" + name + "\" is still held by "
                     + to_string(held->second->where)
                     + ", which was not applied: apply that file too"});
      old_files.insert(x->where.file);
      settled = false;
    }
  }
  sort(result.errors);
  return result;
}

} // namespace saker::supervision

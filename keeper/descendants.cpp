#include "keeper/descendants.hpp"

#include "process/proc_stat.hpp"

#include <unordered_map>
#include <unordered_set>

namespace saker::keeper {

std::vector<relation> all_relations() {
  std::vector<relation> result;
  // Without /proc there is nobody to be seen.
  (void)process::each_number("/proc", [&](int pid) {
    if (auto x = process::read_stat(pid); x && x->state != 'Z')
      result.push_back({pid, x->parent, x->start_time});
    return true;
  });
  return result;
}

std::vector<relation>
descendants(const std::vector<relation>& all, const std::vector<pid_t>& roots) {
  std::unordered_map<pid_t, std::vector<const relation*>> by_parent;
  for (auto& x : all)
    by_parent[x.parent].push_back(&x);
  std::vector<relation> result;
  std::unordered_set<pid_t> seen;
  auto add = [&](const relation& x) {
    if (seen.insert(x.pid).second)
      result.push_back(x);
  };
  std::unordered_set<pid_t> first{roots.begin(), roots.end()};
  for (auto& x : all)
    if (first.contains(x.pid))
      add(x);
  for (std::size_t i = 0; i < result.size(); ++i)
    for (auto* x : by_parent[result[i].pid])
      add(*x);
  return result;
}

} // namespace saker::keeper

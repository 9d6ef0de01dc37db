#include "keeper/descendants.hpp"

#include "process/identity.hpp"
#include "process/proc_stat.hpp"

#include <unordered_set>

namespace saker::keeper {

std::optional<relation> relation_of(pid_t pid) {
  auto x = process::read_stat(pid);
  if (!x || x->state == 'Z')
    return std::nullopt;
  return relation{pid, x->parent, x->start_time};
}

std::vector<relation> children_of(pid_t parent) {
  std::vector<relation> result;
  for (auto pid : process::children(parent))
    // The number may be that of another one by now.
    if (auto x = relation_of(pid); x && x->parent == parent)
      result.push_back(*x);
  return result;
}

std::vector<relation>
descendants(const std::vector<relation>& roots,
            const std::function<std::vector<relation>(pid_t)>& children) {
  std::vector<relation> result;
  std::unordered_set<pid_t> seen;
  auto add = [&](const relation& x) {
    if (seen.insert(x.pid).second)
      result.push_back(x);
  };
  for (auto& x : roots)
    add(x);
  for (std::size_t i = 0; i < result.size(); ++i)
    for (auto& x : children(result[i].pid))
      add(x);
  return result;
}

} // namespace saker::keeper

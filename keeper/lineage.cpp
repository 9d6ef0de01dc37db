#include "keeper/lineage.hpp"

namespace saker::keeper {

void lineage::add_leader(pid_t pid, family of) {
  leaders_.insert_or_assign(pid, of);
  if (of != 0)
    living_.insert(of);
}

void lineage::remove_leader(pid_t pid) {
  auto at = leaders_.find(pid);
  if (at == leaders_.end())
    return;
  living_.erase(at->second);
  leaders_.erase(at);
}

family lineage::of_session(pid_t session) const {
  if (auto at = leaders_.find(session); at != leaders_.end())
    return at->second;
  auto one = find(session);
  return one ? one->of : 0;
}

lineage::relative& lineage::meet(pid_t pid, link::stamp now) {
  auto [at, is_new] = relatives_.try_emplace(pid);
  if (is_new)
    at->second.met = now;
  ++at->second.looks;
  return at->second;
}

const lineage::relative* lineage::find(pid_t pid) const {
  auto at = relatives_.find(pid);
  return at == relatives_.end() ? nullptr : &at->second;
}

} // namespace saker::keeper

#include "actors/descriptor_need.hpp"

namespace saker {

std::optional<std::string>
short_of_descriptors(const supervision::service_set& services,
                     const descriptor_budget& have) {
  std::uint64_t instances = 0;
  for (auto& [_, x] : services)
    instances += x->count;
  // Of each child one for itself and one for its output; a tenth for what
  // comes and goes, as clients do, unless more of these are there already.
  auto spare = (instances * 2 + 9) / 10;
  auto crowded = have.clients > spare;
  auto needed = instances * 2 + (crowded ? have.clients : spare);
  if (!have.limit || needed <= *have.limit)
    return std::nullopt;
  return std::to_string(instances) + " instances"
         + (crowded ? " and " + std::to_string(have.clients) + " clients" : "")
         + " need " + std::to_string(needed)
         + " descriptors, but Saker may have only "
         + std::to_string(*have.limit)
         + ", so not all of them can be started: raise LimitNOFILE of its unit "
           "(or `ulimit -Hn` of who starts it) and start Saker anew; `saker "
           "shutdown --keep-services` leaves the services running meanwhile";
}

} // namespace saker

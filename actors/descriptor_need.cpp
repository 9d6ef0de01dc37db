#include "actors/descriptor_need.hpp"

namespace saker {

std::optional<std::string>
short_of_descriptors(const supervision::service_set& services,
                     std::optional<std::uint64_t> limit) {
  std::uint64_t instances = 0;
  for (auto& [_, x] : services)
    instances += x->count;
  // Of each child one for itself and one for its output; a tenth for what
  // comes and goes, as clients do.
  auto needed = (instances * 22 + 9) / 10;
  if (!limit || needed <= *limit)
    return std::nullopt;
  return std::to_string(instances) + " instances need " + std::to_string(needed)
         + " descriptors, but Saker may have only " + std::to_string(*limit)
         + ", so not all of them can be started: raise LimitNOFILE of its unit "
           "(or `ulimit -Hn` of who starts it) and start Saker anew; `saker "
           "shutdown --keep-services` leaves the services running meanwhile";
}

} // namespace saker

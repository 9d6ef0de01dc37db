#include "keeper/survivors.hpp"

#include "process/proc_table.hpp"

#include <algorithm>

#include <unistd.h>

namespace saker::keeper {

std::vector<survivor> find_survivors(const ownership& ours) {
  std::vector<survivor> out;
  process::each_process([&](const process::proc_entry& x) {
    if (x.kernel || x.state == 'Z' || x.pid == ::getpid())
      return true;
    auto claim = ours.claim_of(x.pid);
    auto kin = claim && claim->ours ? process::kinship_of(x.pid) : std::nullopt;
    if (kin)
      out.push_back({std::move(claim->marker), x.pid, x.uid,
                     kin->session == x.pid, x.start_time,
                     x.cmdline.empty() ? x.comm : x.cmdline});
    return true;
  });
  std::sort(out.begin(), out.end(), [](auto& x, auto& y) {
    return std::pair{x.start_time, x.pid} < std::pair{y.start_time, y.pid};
  });
  return out;
}

} // namespace saker::keeper

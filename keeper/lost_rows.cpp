#include "keeper/lost_rows.hpp"

#include "process/proc_stat.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <unistd.h>

namespace saker::keeper {

namespace {

auto rank(const survivor& x) {
  return std::tuple{x.leads, x.uid == 0 || x.uid == ::geteuid(),
                    x.marker.spawn_id};
}

} // namespace

std::vector<const survivor*>
choose_lost(const std::vector<survivor>& all, const table& known) {
  std::map<std::string_view, const survivor*> best;
  for (auto& x : all) {
    if (!link::is_key(x.marker.key) || x.marker.spawn_id == 0
        || known.find(x.marker.key))
      continue;
    auto& one = best[x.marker.key];
    if (!one || rank(*one) < rank(x))
      one = &x;
  }
  std::vector<const survivor*> out;
  for (auto& [key, x] : best)
    out.push_back(x);
  return out;
}

entry rebuild(const survivor& x, link::output_mode output) {
  entry row;
  row.key = x.marker.key;
  row.spawn_id = x.marker.spawn_id;
  // No name of a service has a colon, all keys of jobs do.
  row.kind = row.key.find(':') == row.key.npos ? link::child_class::service
                                               : link::child_class::job;
  row.output = output;
  row.stop = link::spawn{}.stop;
  row.user = std::to_string(x.uid);
  row.started = process::since_boot(x.start_time);
  return row;
}

} // namespace saker::keeper

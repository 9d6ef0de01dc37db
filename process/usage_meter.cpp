#include "process/usage_meter.hpp"

#include "process/clock.hpp"
#include "process/proc_stat.hpp"

#include <algorithm>
#include <unordered_set>

#include <unistd.h>

namespace saker::process {

namespace {

double seconds(std::chrono::nanoseconds x) {
  return std::chrono::duration<double>(x).count();
}

/// Which tree each process belongs to; asked of every process of the machine.
class forest {
public:
  forest(const std::vector<process_cost>& all, std::span<const pid_t> roots)
    : roots_(roots.begin(), roots.end()) {
    for (auto& x : all)
      processes_.emplace(x.pid, &x);
  }

  bool has(pid_t pid) const {
    return processes_.contains(pid);
  }

  /// 0: none.
  pid_t root_of(const process_cost& x) {
    pid_t found = 0;
    std::vector<pid_t> way;
    // Parents were read at different times: the way up may be a circle.
    for (auto i = &x; i && way.size() < most_generations;) {
      auto known = known_.find(i->pid);
      found = known != known_.end()         ? known->second
              : roots_.contains(i->pid)     ? i->pid
              : roots_.contains(i->session) ? i->session
                                            : 0;
      if (found != 0 || known != known_.end())
        break;
      way.push_back(i->pid);
      auto up = processes_.find(i->parent);
      i = up == processes_.end() ? nullptr : up->second;
    }
    for (auto pid : way)
      known_[pid] = found;
    return found;
  }

private:
  static constexpr std::size_t most_generations = 1'000;

  std::unordered_set<pid_t> roots_;
  std::unordered_map<pid_t, const process_cost*> processes_;
  std::unordered_map<pid_t, pid_t> known_;
};

} // namespace

std::optional<process_snapshot> take_snapshot() {
  process_snapshot result;
  result.at = read_clock(CLOCK_BOOTTIME);
  auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  auto done = each_number("/proc", [&](int pid) {
    auto x = read_stat(pid);
    if (x && !x->kernel_thread())
      result.processes.push_back({x->pid, x->parent, x->session, x->start_time,
                                  x->user_ticks + x->system_ticks,
                                  x->rss_pages * page});
    return true;
  });
  if (!done)
    return std::nullopt;
  return result;
}

void usage_meter::feed(process_snapshot x) {
  before_.clear();
  for (auto& y : now_.processes)
    before_[y.pid] = {y.start_time, y.ticks};
  before_at_.reset();
  if (!now_.processes.empty())
    before_at_ = now_.at;
  now_ = std::move(x);
}

usage_table usage_meter::usage(std::span<const pid_t> roots) const {
  forest trees{now_.processes, roots};
  usage_table result;
  for (auto& x : now_.processes)
    if (auto root = trees.root_of(x)) {
      auto& tree = result[root];
      tree.cpu += cpu_of(x);
      tree.rss += x.rss;
      ++tree.processes;
    }
  // What the leader of a session left behind is no tree of a living root.
  std::erase_if(result, [&](auto& x) { return !trees.has(x.first); });
  return result;
}

bool usage_meter::has_seen(pid_t pid) const {
  return std::any_of(now_.processes.begin(), now_.processes.end(),
                     [pid](auto& x) { return x.pid == pid; });
}

double usage_meter::cpu_of(const process_cost& x) const {
  auto started = std::chrono::duration_cast<std::chrono::nanoseconds>(
    std::chrono::duration<double>(static_cast<double>(x.start_time)
                                  / static_cast<double>(ticks_per_second_)));
  auto ticks = x.ticks;
  auto time = now_.at - started;
  auto found = before_.find(x.pid);
  if (before_at_ && found != before_.end()
      && found->second.start_time == x.start_time) {
    ticks -= std::min(ticks, found->second.ticks);
    time = now_.at - *before_at_;
  }
  // One tick in no time would be very much.
  auto least = 1 / static_cast<double>(ticks_per_second_);
  return 100 * static_cast<double>(ticks)
         / static_cast<double>(ticks_per_second_)
         / std::max(seconds(time), least);
}

} // namespace saker::process

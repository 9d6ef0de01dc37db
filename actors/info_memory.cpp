#include "actors/info_lines.hpp"
#include "base/unique_fd.hpp"

#include <algorithm>
#include <cstdio>

#include <fcntl.h>
#include <malloc.h>
#include <sys/sysinfo.h>
#include <unistd.h>

namespace saker {

namespace {

std::uint64_t resident_bytes() {
  unique_fd fd{::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)};
  char text[128];
  auto n = fd ? ::read(fd.get(), text, sizeof(text)) : -1;
  if (n <= 0)
    return 0;
  auto words = split({text, static_cast<std::size_t>(n)}, ' ');
  auto pages = words.size() > 1 ? parse_integer(words[1]) : std::nullopt;
  return pages ? static_cast<std::uint64_t>(*pages)
                   * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))
               : 0;
}

std::uint64_t machine_memory() {
  struct sysinfo x = {};
  return ::sysinfo(&x) == 0 ? std::uint64_t{x.totalram} * x.mem_unit : 0;
}

std::string percent_text(std::uint64_t part, std::uint64_t whole) {
  return two_digits(whole == 0 ? 0
                               : 100 * static_cast<double>(part)
                                   / static_cast<double>(whole))
         + '%';
}

std::string ratio_text(std::uint64_t x, std::uint64_t y) {
  return two_digits(y == 0 ? 0
                           : static_cast<double>(x) / static_cast<double>(y));
}

std::int64_t byte_difference(std::uint64_t x, std::uint64_t y) {
  return static_cast<std::int64_t>(x) - static_cast<std::int64_t>(y);
}

/// The heap, with what was mapped for large pieces.
struct heap_figures {
  std::uint64_t used = 0;
  std::uint64_t held = 0; ///< of the kernel

  heap_figures() {
    auto x = ::mallinfo2();
    used = x.uordblks + x.hblkhd;
    held = x.arena + x.hblkhd;
  }
};

} // namespace

std::string two_digits(double x) {
  char text[48];
  std::snprintf(text, sizeof(text), "%.2f", x);
  return text;
}

std::string human_size(std::uint64_t bytes) {
  constexpr const char* units[] = {"B", "K", "M", "G", "T"};
  auto x = static_cast<double>(bytes);
  auto unit = 0u;
  for (; x >= 1024 && unit < 4; ++unit)
    x /= 1024;
  char text[48];
  std::snprintf(text, sizeof(text), unit == 0 ? "%.0f%s" : "%.2f%s", x,
                units[unit]);
  return text;
}

/// All of it is overhead, in Redis' words: there is no data set.
std::string memory_lines(std::int64_t clients) {
  static std::uint64_t at_first = 0;
  static std::uint64_t peak = 0;
  heap_figures now;
  auto rss = resident_bytes();
  auto machine = machine_memory();
  if (at_first == 0)
    at_first = now.used;
  peak = std::max(peak, now.used);
  info_lines out;
  auto add = [&out](const std::string& name, std::uint64_t bytes) {
    out.add(name, bytes).add(name + "_human", human_size(bytes));
  };
  add("used_memory", now.used);
  add("used_memory_rss", rss);
  add("used_memory_peak", peak);
  out.add("used_memory_peak_perc", percent_text(now.used, peak))
    .add("used_memory_overhead", now.used)
    .add("used_memory_startup", at_first)
    .add("used_memory_dataset", 0)
    .add("used_memory_dataset_perc", percent_text(0, now.used))
    .add("allocator_allocated", now.used)
    .add("allocator_active", now.held)
    .add("allocator_resident", now.held);
  add("total_system_memory", machine);
  out.zeros("used_memory_lua used_memory_vm_eval")
    .add("used_memory_lua_human", human_size(0))
    .zeros("used_memory_scripts_eval number_of_cached_scripts "
           "number_of_functions number_of_libraries used_memory_vm_functions "
           "used_memory_vm_total")
    .add("used_memory_vm_total_human", human_size(0))
    .zeros("used_memory_functions used_memory_scripts")
    .add("used_memory_scripts_human", human_size(0));
  add("maxmemory", 0);
  out.add("maxmemory_policy", std::string{"noeviction"})
    .add("allocator_frag_ratio", ratio_text(now.held, now.used))
    .add("allocator_frag_bytes", byte_difference(now.held, now.used))
    .add("allocator_rss_ratio", ratio_text(now.held, now.held))
    .add("allocator_rss_bytes", 0)
    .add("rss_overhead_ratio", ratio_text(rss, now.held))
    .add("rss_overhead_bytes", byte_difference(rss, now.held))
    .add("mem_fragmentation_ratio", ratio_text(rss, now.used))
    .add("mem_fragmentation_bytes", byte_difference(rss, now.used))
    .zeros("mem_not_counted_for_evict mem_replication_backlog "
           "mem_total_replication_buffers mem_clients_slaves")
    .add("mem_clients_normal", clients)
    .zeros("mem_cluster_links mem_aof_buffer")
    .add("mem_allocator", std::string{"libc"})
    .zeros("active_defrag_running lazyfree_pending_objects lazyfreed_objects");
  return std::move(out).text();
}

} // namespace saker

#include "actors/memory_reply.hpp"

#include <malloc.h>
#include <sys/resource.h>

namespace saker {

resp::value memory_stats(std::int64_t unsent) {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  auto peak = static_cast<std::int64_t>(used.ru_maxrss) * 1024;
  auto heap = ::mallinfo2();
  auto total = static_cast<std::int64_t>(heap.uordblks + heap.hblkhd);
  auto active = static_cast<std::int64_t>(heap.arena + heap.hblkhd);
  resp::map x;
  x.add("peak.allocated", peak)
    .add("total.allocated", total)
    .add("startup.allocated", 0)
    .add("replication.backlog", 0)
    .add("clients.slaves", 0)
    .add("clients.normal", unsent)
    .add("aof.buffer", 0)
    .add("overhead.total", total)
    .add("keys.count", 0)
    .add("keys.bytes-per-key", 0)
    .add("dataset.bytes", 0)
    .add("dataset.percentage", 0.0)
    .add("allocator.allocated", total)
    .add("allocator.active", active)
    .add("allocator.resident", active);
  return x;
}

} // namespace saker

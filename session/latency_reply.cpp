#include "session/latency_reply.hpp"

namespace saker::session {

namespace {

/// Where Redis draws its lines: at 1.024 µs and its doubles. What it names them
/// is the largest number that its histogram cannot tell from that.
constexpr std::uint64_t first_line = 1024;
constexpr std::uint64_t parts_told_apart = 128;

resp::value histogram(const latency_histogram& from) {
  resp::map lines;
  std::uint64_t told = 0;
  for (auto line = first_line; told < from.calls(); line *= 2) {
    auto count = from.below(std::chrono::nanoseconds{line});
    if (count == told)
      continue;
    told = count;
    auto name = (line + line / parts_told_apart - 1) / 1000;
    lines.add(name, count);
  }
  return lines;
}

void add(resp::map& to, const resp::command_info& what,
         const command_statistics& from) {
  auto* latencies = from.latencies(what.id);
  if (!latencies || latencies->calls() == 0)
    return;
  resp::map row;
  row.add("calls", latencies->calls());
  row.add("histogram_usec", histogram(*latencies));
  to.add(what.name, std::move(row));
}

void add_all(resp::map& to, const resp::command_info& what,
             const command_statistics& from) {
  add(to, what, from);
  for (auto& part : what.subcommands)
    add(to, part, from);
}

} // namespace

resp::value latency_reply(const command_statistics& from,
                          std::span<const std::string> names) {
  resp::map all;
  for (auto& name : names)
    if (auto* what = resp::find_full_name(name))
      add_all(all, *what, from);
  if (names.empty())
    for (auto& what : resp::commands())
      add_all(all, what, from);
  return all;
}

} // namespace saker::session

#include "session/latency_reply.hpp"

#include <bitset>
#include <utility>

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

/// Rows of commands, of each at most one: who names one a million times must not
/// be told of it a million times.
class command_rows {
public:
  explicit command_rows(const command_statistics& from) : from_(from) {
    // nop
  }

  /// With its subcommands.
  void add(const resp::command_info& what) {
    add_one(what);
    for (auto& part : what.subcommands)
      add_one(part);
  }

  resp::value all() && {
    return std::move(rows_);
  }

private:
  void add_one(const resp::command_info& what) {
    auto told = told_[static_cast<std::size_t>(what.id)];
    auto* latencies = from_.latencies(what.id);
    if (told || !latencies || latencies->calls() == 0)
      return;
    told = true;
    resp::map row;
    row.add("calls", latencies->calls());
    row.add("histogram_usec", histogram(*latencies));
    rows_.add(what.name, std::move(row));
  }

  const command_statistics& from_;
  std::bitset<256> told_; ///< by `command_id`
  resp::map rows_;
};

} // namespace

resp::value latency_reply(const command_statistics& from,
                          std::span<const std::string> names) {
  command_rows rows{from};
  for (auto& name : names)
    if (auto* what = resp::find_full_name(name))
      rows.add(*what);
  if (names.empty())
    for (auto& what : resp::commands())
      rows.add(what);
  return std::move(rows).all();
}

} // namespace saker::session

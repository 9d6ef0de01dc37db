#include "session/command_statistics.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>

namespace saker::session {

namespace {

constexpr std::size_t most_error_words = 100;
constexpr std::size_t longest_error_word = 32;

double in_microseconds(std::chrono::nanoseconds x) {
  return static_cast<double>(x.count()) / 1'000;
}

/// Calls `f(row)` for each command and subcommand.
template <class F>
void for_each_command(F f) {
  for (auto& x : resp::commands()) {
    f(x);
    for (auto& part : x.subcommands)
      f(part);
  }
}

} // namespace

// -- latencies -----------------------------------------------------------------

void latency_histogram::add(std::chrono::nanoseconds each,
                            std::uint64_t calls) noexcept {
  // The power of two tells the row, the three bits below it the step.
  auto n = static_cast<std::uint64_t>(std::max<std::int64_t>(each.count(), 1))
           * steps;
  auto power = static_cast<std::size_t>(std::bit_width(n / steps) - 1);
  auto at = power * steps + static_cast<std::size_t>((n >> power) % steps);
  buckets_[std::min(at, buckets_.size() - 1)] += calls;
  calls_ += calls;
}

void latency_histogram::add(const latency_histogram& other) noexcept {
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    buckets_[i] += other.buckets_[i];
  calls_ += other.calls_;
}

std::uint64_t
latency_histogram::below(std::chrono::nanoseconds limit) const noexcept {
  auto power = static_cast<std::size_t>(
    std::bit_width(static_cast<std::uint64_t>(limit.count())) - 1);
  if (power + 1 >= powers)
    return calls_;
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < power * steps; ++i)
    result += buckets_[i];
  return result;
}

std::chrono::nanoseconds
latency_histogram::percentile(double percent) const noexcept {
  auto wanted = static_cast<double>(calls_) * percent / 100;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen == 0 || static_cast<double>(seen) < wanted)
      continue;
    auto begin = (std::uint64_t{steps} + i % steps) << (i / steps);
    return std::chrono::nanoseconds{begin / steps};
  }
  return {};
}

// -- counting ------------------------------------------------------------------

void command_statistics::called(resp::command_id what, std::uint64_t calls,
                                std::chrono::nanoseconds time) {
  auto held = guard();
  auto& x = at(what);
  x.figures.calls += calls;
  x.figures.time += time;
  if (!x.latencies)
    x.latencies = std::make_unique<latency_histogram>();
  if (calls > 0)
    x.latencies->add(time / calls, calls);
}

void command_statistics::helped(resp::command_id what,
                                std::chrono::nanoseconds time) {
  auto held = guard();
  at(what).figures.time += time;
}

void command_statistics::failed(resp::command_id what) {
  auto held = guard();
  ++at(what).figures.failed;
}

void command_statistics::rejected(resp::command_id what) {
  auto held = guard();
  ++at(what).figures.rejected;
}

void command_statistics::error(std::string_view word) {
  auto held = guard();
  ++all_errors_;
  if (word.size() > longest_error_word)
    word = "ERR"; // of a script: no code, but text
  if (auto i = errors_.find(word); i != errors_.end())
    ++i->second;
  else if (errors_.size() < most_error_words)
    errors_.emplace(word, 1);
}

void command_statistics::reset() {
  auto held = guard();
  for (auto& x : rows_)
    x = {};
  errors_.clear();
  all_errors_ = 0;
}

void command_statistics::add(const command_statistics& other) {
  auto held = other.guard();
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    auto& from = other.rows_[i];
    auto& to = rows_[i];
    to.figures.calls += from.figures.calls;
    to.figures.time += from.figures.time;
    to.figures.rejected += from.figures.rejected;
    to.figures.failed += from.figures.failed;
    if (!from.latencies)
      continue;
    if (!to.latencies)
      to.latencies = std::make_unique<latency_histogram>();
    to.latencies->add(*from.latencies);
  }
  for (auto& [word, count] : other.errors_)
    errors_[word] += count;
  all_errors_ += other.all_errors_;
}

// -- text ----------------------------------------------------------------------

std::string command_lines(const command_statistics& x) {
  std::string text;
  for_each_command([&](const resp::command_info& what) {
    auto& row = x.figures(what.id);
    if (!row.used())
      return;
    auto usec = in_microseconds(row.time);
    auto each = row.calls == 0 ? 0.0 : usec / static_cast<double>(row.calls);
    char numbers[160];
    std::snprintf(numbers, sizeof(numbers),
                  "calls=%llu,usec=%lld,usec_per_call=%.2f,rejected_calls=%llu,"
                  "failed_calls=%llu",
                  static_cast<unsigned long long>(row.calls),
                  static_cast<long long>(usec), each,
                  static_cast<unsigned long long>(row.rejected),
                  static_cast<unsigned long long>(row.failed));
    text.append("cmdstat_").append(what.name).append(":");
    text.append(numbers).append("\r\n");
  });
  return text;
}

std::string error_lines(const command_statistics& x) {
  std::string text;
  for (auto& [word, count] : x.errors())
    text += "errorstat_" + word + ":count=" + std::to_string(count) + "\r\n";
  return text;
}

std::string latency_lines(const command_statistics& x) {
  std::string text;
  for_each_command([&](const resp::command_info& what) {
    auto* all = x.latencies(what.id);
    if (!all || all->calls() == 0)
      return;
    char numbers[120];
    std::snprintf(numbers, sizeof(numbers), "p50=%.3f,p99=%.3f,p99.9=%.3f",
                  in_microseconds(all->percentile(50)),
                  in_microseconds(all->percentile(99)),
                  in_microseconds(all->percentile(99.9)));
    text.append("latency_percentiles_usec_").append(what.name).append(":");
    text.append(numbers).append("\r\n");
  });
  return text;
}

} // namespace saker::session

#include "base/text.hpp"
#include "base/units.hpp"
#include "lua/definition_checks.hpp"

#include <algorithm>
#include <cmath>

#include <sched.h>
#include <sys/resource.h>

namespace saker::lua {

namespace {

using kind = definition_value::kind;
using supervision::service;

constexpr std::uint64_t unlimited = RLIM_INFINITY;

/// Bytes, which may be written as a size.
bool counts_bytes(int resource) {
  switch (resource) {
    case RLIMIT_AS:
    case RLIMIT_CORE:
    case RLIMIT_DATA:
    case RLIMIT_FSIZE:
    case RLIMIT_MEMLOCK:
    case RLIMIT_MSGQUEUE:
    case RLIMIT_RSS:
    case RLIMIT_STACK: return true;
    default: return false;
  }
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  auto number = parse_integer(text);
  if (!number || *number < 0)
    return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

/// A number, a size, or for times a duration; as the kernel counts it.
std::optional<std::uint64_t> parse_amount(int resource, std::string_view text) {
  if (text == "unlimited" || text == "infinity")
    return unlimited;
  if (auto number = parse_count(text))
    return number;
  if (counts_bytes(resource)) {
    auto size = parse_size(text);
    return size ? std::optional{*size} : std::nullopt;
  }
  auto time = parse_duration(text);
  if (!time || time->count() < 0)
    return std::nullopt;
  using namespace std::chrono;
  if (resource == RLIMIT_CPU)
    return static_cast<std::uint64_t>(ceil<seconds>(*time).count());
  if (resource == RLIMIT_RTTIME)
    return static_cast<std::uint64_t>(ceil<microseconds>(*time).count());
  return std::nullopt;
}

std::string example_of(int resource) {
  if (counts_bytes(resource))
    return "\"64M\" or \"64M:1G\"";
  if (resource == RLIMIT_CPU || resource == RLIMIT_RTTIME)
    return "\"10s\" or \"10s:20s\"";
  return "1024 or \"1024:4096\"";
}

std::string shown(std::uint64_t x) {
  return x == unlimited ? "unlimited" : std::to_string(x);
}

/// `1024`, `"64M"`, `"1024:4096"`, `"unlimited"`; one number is both.
std::optional<process::limit>
read_limit(int resource, const definition_value& x, const key_checks& check) {
  std::optional<std::string> text;
  if (x.is(kind::text))
    text = x.text;
  else if (x.is(kind::number) && x.number >= 0 && x.number < 0x1p53
           && x.number == std::floor(x.number))
    text = std::to_string(static_cast<std::uint64_t>(x.number));
  auto colon = text ? text->find(':') : std::string::npos;
  auto soft = text ? parse_amount(resource, trim(text->substr(0, colon)))
                   : std::nullopt;
  auto hard = text && colon != std::string::npos
                ? parse_amount(resource, trim(text->substr(colon + 1)))
                : soft;
  if (!soft || !hard) {
    check.wrong(check.where() + " must be a limit such as "
                + example_of(resource) + " (soft:hard) or \"unlimited\", not "
                + describe(x));
    return std::nullopt;
  }
  if (*soft > *hard) {
    check.wrong(check.where() + ": the soft limit " + shown(*soft)
                + " is above the hard one, " + shown(*hard));
    return std::nullopt;
  }
  auto& highest = check.host().highest_limit;
  if (auto most = highest ? highest(resource) : unlimited; *hard > most) {
    check.wrong(check.where() + ": " + shown(*hard)
                + " is above the hard limit of Saker itself, " + shown(most)
                + ": ask for less, or raise Saker's own (systemd: Limit"
                + to_upper(process::limit_name(resource)) + "=)");
    return std::nullopt;
  }
  return process::limit{resource, *soft, *hard};
}

/// `0-3,8`
std::optional<std::vector<int>> parse_cpus(std::string_view text) {
  std::vector<int> result;
  for (auto part : split(text, ',')) {
    auto dash = part.find('-');
    auto first = parse_integer(trim(part.substr(0, dash)));
    auto last = dash == part.npos ? first
                                  : parse_integer(trim(part.substr(dash + 1)));
    if (!first || !last || *first < 0 || *last < *first || *last >= CPU_SETSIZE)
      return std::nullopt;
    for (auto cpu = *first; cpu <= *last; ++cpu)
      result.push_back(static_cast<int>(cpu));
  }
  return result;
}

std::optional<std::vector<int>> list_of_cpus(const definition_value& x) {
  if (x.is(kind::text))
    return parse_cpus(x.text);
  std::vector<int> result;
  if (!x.is(kind::table) || !x.is_list() || x.entries.empty())
    return std::nullopt;
  for (auto& entry : x.entries) {
    auto& cpu = entry.value;
    if (!cpu.is(kind::number) || cpu.number < 0 || cpu.number >= CPU_SETSIZE
        || cpu.number != std::floor(cpu.number))
      return std::nullopt;
    result.push_back(static_cast<int>(cpu.number));
  }
  return result;
}

} // namespace

void read_limits(const definition_value& x, service& into, key_checks& check) {
  if (!x.is(kind::table))
    return check.wrong("limits must be a table such as {nofile = 65536, core = "
                       "\"unlimited\"}, not "
                       + describe(x));
  std::vector<process::limit> limits;
  auto good = true;
  for (auto& entry : x.entries) {
    auto inner = check.inside(entry);
    auto resource = process::limit_number(entry.name);
    if (!resource) {
      inner.unknown(entry, process::limit_names());
      good = false;
      continue;
    }
    auto same = [&](auto& y) { return y.resource == *resource; };
    if (std::any_of(limits.begin(), limits.end(), same)) {
      check.wrong(inner.where() + " stands there twice");
      good = false;
    } else if (auto limit = read_limit(*resource, entry.value, inner))
      limits.push_back(*limit);
    else
      good = false;
  }
  std::sort(limits.begin(), limits.end(),
            [](auto& a, auto& b) { return a.resource < b.resource; });
  if (good)
    into.limits = std::move(limits);
}

void read_nice(const definition_value& x, service& into, key_checks& check) {
  auto nice = check.integer(x, -20, 19);
  if (!nice)
    return;
  auto& lowest = check.host().lowest_nice;
  if (lowest && *nice < lowest())
    return check.wrong("nice: " + std::to_string(*nice)
                       + " needs the right to raise priorities (CAP_SYS_NICE); "
                         "as Saker runs now, "
                       + std::to_string(lowest()) + " is the lowest");
  into.nice = static_cast<int>(*nice);
}

void read_oom(const definition_value& x, service& into, key_checks& check) {
  auto score = check.integer(x, -1000, 1000);
  if (!score)
    return;
  auto& lowest = check.host().lowest_oom;
  if (lowest && *score < lowest())
    return check.wrong("oom: to lower the score to " + std::to_string(*score)
                       + " needs CAP_SYS_RESOURCE; as Saker runs now, "
                       + std::to_string(lowest()) + " is the lowest");
  into.oom = static_cast<int>(*score);
}

void read_cpus(const definition_value& x, service& into, key_checks& check) {
  auto cpus = list_of_cpus(x);
  if (!cpus || cpus->empty())
    return check.wrong("cpus must be a list of numbers such as {0, 1}, or a "
                       "text such as \"0-3,8\", not "
                       + describe(x));
  std::sort(cpus->begin(), cpus->end());
  cpus->erase(std::unique(cpus->begin(), cpus->end()), cpus->end());
  auto& here = check.host().has_cpu;
  auto missing = here ? std::find_if_not(cpus->begin(), cpus->end(), here)
                      : cpus->end();
  if (here && std::none_of(cpus->begin(), cpus->end(), here))
    return check.wrong("cpus: none of these CPUs is on this machine");
  if (missing != cpus->end())
    check.warn("cpus: CPU " + std::to_string(*missing)
               + " is not on this machine");
  into.cpus = std::move(*cpus);
}

void read_no_new_privs(const definition_value& x, service& into,
                       key_checks& check) {
  if (auto truth = check.boolean(x))
    into.no_new_privs = *truth;
}

} // namespace saker::lua

#include "base/json.hpp"
#include "base/text.hpp"
#include "process/sysinfo_keys.hpp"
#include "process/system_text.hpp"

#include <algorithm>

namespace saker::process {

namespace {

using answer = result<sysinfo_value>;

result<std::vector<net_interface>> look(const sysinfo_query& x) {
  auto text = x.file("/proc/net/dev");
  if (!text)
    return text.error();
  return parse_net_dev(*text);
}

/// What stands in front of a real device: traffic through bridges, tunnels and
/// containers would be counted twice.
bool has_device(const sysinfo_query& x, const std::string& name) {
  return x.from.read("/sys/class/net/" + name + "/device/uevent").has_value();
}

result<std::vector<net_interface>> chosen(const sysinfo_query& x) {
  auto all = look(x);
  if (!all)
    return all.error();
  if (!x.arguments.empty()) {
    std::vector<std::string> names;
    for (auto& one : *all) {
      if (one.name == x.arguments[0])
        return std::vector<net_interface>{one};
      names.push_back(one.name);
    }
    return fail(errc::not_found, "there is no interface \""
                                   + printable(x.arguments[0], 40) + "\""
                                   + did_you_mean(x.arguments[0], names));
  }
  std::erase_if(*all, [](auto& one) { return one.name == "lo"; });
  std::vector<net_interface> real;
  for (auto& one : *all)
    if (has_device(x, one.name))
      real.push_back(one);
  if (!real.empty())
    return real;
  if (all->empty())
    return fail(errc::not_found, "there is no interface but lo");
  return all;
}

answer traffic(const sysinfo_query& x) {
  auto rows = chosen(x);
  if (!rows)
    return rows.error();
  std::uint64_t sum = 0;
  for (auto& one : *rows) {
    if (x.last_word() == "collisions")
      sum += one.collisions;
    if (x.last_word() != "out" && x.last_word() != "collisions")
      sum += one.received;
    if (x.last_word() != "in" && x.last_word() != "collisions")
      sum += one.sent;
  }
  return static_cast<std::int64_t>(sum);
}

answer list(const sysinfo_query& x) {
  auto all = look(x);
  if (!all)
    return all.error();
  std::string out = "[";
  for (auto& one : *all) {
    out += out.size() > 1 ? "," : "";
    append_json(out, one.name);
  }
  return out + "]";
}

} // namespace

std::span<const sysinfo_key> network_keys() {
  static constexpr sysinfo_key keys[] = {
    {"system.net.if.in", 1, traffic},
    {"system.net.if.out", 1, traffic},
    {"system.net.if.total", 1, traffic},
    {"system.net.if.collisions", 1, traffic},
    {"system.net.if.list", 0, list},
  };
  return keys;
}

} // namespace saker::process

#include "actors/info.hpp"

#include "actors/drift.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/utsname.h>

namespace saker {

namespace {

/// Lines `name:value` of one section.
class lines {
public:
  template <class T>
  lines& add(std::string_view name, const T& x) {
    out_ += name;
    out_ += ':';
    if constexpr (std::is_arithmetic_v<T>)
      out_ += std::to_string(x);
    else
      out_ += one_line(x);
    out_ += "\r\n";
    return *this;
  }

  std::string text() && {
    return std::move(out_);
  }

private:
  std::string out_;
};

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

std::string human(std::uint64_t bytes) {
  constexpr const char* units[] = {"B", "K", "M", "G"};
  auto x = static_cast<double>(bytes);
  auto unit = 0u;
  for (; x >= 1024 && unit < 3; ++unit)
    x /= 1024;
  char text[32];
  std::snprintf(text, sizeof(text), unit == 0 ? "%.0f%s" : "%.2f%s", x,
                units[unit]);
  return text;
}

std::string seconds(const timeval& x) {
  char text[48];
  std::snprintf(text, sizeof(text), "%lld.%06lld",
                static_cast<long long>(x.tv_sec),
                static_cast<long long>(x.tv_usec));
  return text;
}

std::string server(const node_identity& who, const drift_report& drift,
                   std::chrono::steady_clock::time_point now) {
  utsname system{};
  ::uname(&system);
  auto up = std::chrono::duration_cast<std::chrono::seconds>(now - who.started)
              .count();
  lines out;
  out.add("redis_version", who.redis_version)
    .add("redis_mode", std::string{"standalone"})
    .add("saker_version", who.saker_version)
    .add("os", std::string{system.sysname} + ' ' + system.release + ' '
                 + system.machine)
    .add("arch_bits", 64)
    .add("process_id", ::getpid())
    .add("keeper_pid", who.keeper_pid)
    .add("run_id", who.run_id)
    .add("node", who.name)
    .add("tcp_port", who.tcp_port)
    .add("uptime_in_seconds", up)
    .add("uptime_in_days", up / 86'400)
    .add("node_restarts", who.node_restarts)
    .add("safe_mode", who.safe_mode ? 1 : 0)
    .add("config_file", who.config_file)
    .add("unapplied_files", drift.count());
  if (!drift.services.empty())
    out.add("unapplied_services", listed(drift.services));
  if (!drift.configuration.empty())
    out.add("unapplied_configuration", listed(drift.configuration));
  return std::move(out).text();
}

std::string clients(const node_figures& x) {
  lines out;
  out.add("connected_clients", x.clients.get())
    .add("blocked_clients", 0)
    .add("unsent_output_bytes", x.unsent_bytes.get());
  return std::move(out).text();
}

std::string memory() {
  auto rss = resident_bytes();
  lines out;
  out.add("used_memory", rss)
    .add("used_memory_human", human(rss))
    .add("used_memory_rss", rss)
    .add("used_memory_rss_human", human(rss));
  return std::move(out).text();
}

/// Clients that find `loading:1` wait, as they do for Redis.
std::string persistence(const node_figures& x) {
  lines out;
  out.add("loading", x.loading_services.get() | x.loading_scripts.get());
  return std::move(out).text();
}

std::string stats(const node_figures& x) {
  lines out;
  out.add("total_connections_received", x.connections.get())
    .add("total_commands_processed", x.commands.get())
    .add("total_net_input_bytes", x.input_bytes.get())
    .add("total_net_output_bytes", x.output_bytes.get())
    .add("rejected_connections", x.rejected.get())
    .add("client_output_buffer_limit_disconnections", x.cut_off.get())
    .add("pubsub_channels", x.channels.get())
    .add("pubsub_patterns", x.patterns.get())
    .add("pubsubshard_channels", x.shards.get())
    .add("pubsub_messages_published", x.published.get())
    .add("pubsub_messages_delivered", x.delivered.get());
  return std::move(out).text();
}

/// As of the last SVSTATUS.
std::string services(const node_figures& x) {
  char cpu[32];
  std::snprintf(cpu, sizeof(cpu), "%.1f",
                static_cast<double>(x.services_cpu.get()) / 10);
  auto rss = x.services_rss.get();
  lines out;
  out.add("services_processes", x.services_processes.get())
    .add("services_cpu_percent", std::string{cpu})
    .add("services_memory_rss", rss)
    .add("services_memory_rss_human", human(static_cast<std::uint64_t>(rss)));
  return std::move(out).text();
}

std::string cpu() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  lines out;
  out.add("used_cpu_sys", seconds(used.ru_stime))
    .add("used_cpu_user", seconds(used.ru_utime));
  return std::move(out).text();
}

bool is_wanted(std::string_view section,
               std::span<const std::string> sections) {
  return sections.empty()
         || std::any_of(sections.begin(), sections.end(), [&](auto& x) {
              auto name = to_lower(x);
              return name == section || name == "default" || name == "all"
                     || name == "everything";
            });
}

} // namespace

std::string
info_text(const node_identity& who, const node_figures& figures,
          const drift_report& drift, std::span<const std::string> sections,
          std::chrono::steady_clock::time_point now) {
  struct section {
    std::string_view name;
    std::function<std::string()> text;
  };
  const section all[] = {
    {"Server", [&] { return server(who, drift, now); }},
    {"Clients", [&] { return clients(figures); }},
    {"Memory", [] { return memory(); }},
    {"Persistence", [&] { return persistence(figures); }},
    {"Stats", [&] { return stats(figures); }},
    {"Replication",
     [] {
       return std::string{"role:master\r\nconnected_slaves:0\r\n"
                          "master_repl_offset:0\r\n"};
     }},
    {"CPU", [] { return cpu(); }},
    {"Services", [&] { return services(figures); }},
    {"Cluster", [] { return std::string{"cluster_enabled:0\r\n"}; }},
    {"Keyspace", [] { return std::string{}; }},
  };
  std::string result;
  for (auto& x : all) {
    if (!is_wanted(to_lower(x.name), sections))
      continue;
    if (!result.empty())
      result += "\r\n";
    result += "# " + std::string{x.name} + "\r\n" + x.text();
  }
  return result;
}

} // namespace saker

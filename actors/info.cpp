#include "actors/info.hpp"

#include "actors/connection.hpp"
#include "actors/drift.hpp"
#include "actors/info_lines.hpp"

#include <algorithm>

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace saker {

namespace {

std::string seconds(const timeval& x) {
  char text[48];
  std::snprintf(text, sizeof(text), "%lld.%06lld",
                static_cast<long long>(x.tv_sec),
                static_cast<long long>(x.tv_usec));
  return text;
}

std::string own_program() {
  char text[4096];
  auto n = ::readlink("/proc/self/exe", text, sizeof(text));
  return {text, static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
}

std::int64_t unix_microseconds(std::chrono::system_clock::time_point x) {
  return std::chrono::duration_cast<std::chrono::microseconds>(
           x.time_since_epoch())
    .count();
}

std::string server(const info_sources& from) {
  using std::chrono::duration_cast;
  auto& who = from.who;
  auto& drift = from.drift;
  utsname system{};
  ::uname(&system);
  auto up = duration_cast<std::chrono::seconds>(from.now - who.started).count();
  auto now = unix_microseconds(from.wall);
  info_lines out;
  out.add("redis_version", who.redis_version)
    .add("redis_git_sha1", std::string{"00000000"})
    .add("redis_git_dirty", 0)
    .add("redis_build_id", who.run_id.substr(0, 15))
    .add("redis_mode", std::string{"standalone"})
    .add("saker_version", who.saker_version)
    .add("os", std::string{system.sysname} + ' ' + system.release + ' '
                 + system.machine)
    .add("arch_bits", 64)
    .add("monotonic_clock", std::string{"POSIX clock_gettime"})
    .add("multiplexing_api", std::string{"epoll"})
    .add("io_uring", who.io_uring ? 1 : 0)
    .add("atomicvar_api", std::string{"c11-builtin"})
    .add("gcc_version", std::string{__VERSION__})
    .add("process_id", ::getpid())
    .add("process_supervised", std::string{"no"})
    .add("keeper_pid", who.keeper_pid)
    .add("run_id", who.run_id)
    .add("node", who.name)
    .add("tcp_port", who.tcp_port)
    .add("server_time_usec", now)
    .add("uptime_in_seconds", up)
    .add("uptime_in_days", up / 86'400)
    .add("hz", 10)
    .add("configured_hz", 10)
    .add("lru_clock", now / 1'000'000 & 0xffffff)
    .add("executable", own_program())
    .add("config_file", who.config_file)
    .add("io_threads_active", 0)
    .add("node_restarts", who.node_restarts)
    .add("safe_mode", who.safe_mode ? 1 : 0)
    .add("unapplied_files", drift.count());
  if (!drift.services.empty())
    out.add("unapplied_services", listed(drift.services));
  if (!drift.configuration.empty())
    out.add("unapplied_configuration", listed(drift.configuration));
  if (!drift.overrides.empty())
    out.add("overridden_parameters", listed(drift.overrides));
  return std::move(out).text();
}

std::string clients(const info_sources& from) {
  auto& x = from.figures;
  info_lines out;
  out.add("connected_clients", x.clients.get())
    .add("cluster_connections", 0)
    .add("maxclients", from.max_clients)
    .add("client_recent_max_input_buffer", x.input_peak.get(from.now))
    .add("client_recent_max_output_buffer", x.output_peak.get(from.now))
    .add("blocked_clients", x.blocked.get())
    .add("tracking_clients", x.tracking.get())
    .add("clients_in_timeout_table", 0)
    .add("unsent_output_bytes", x.unsent_bytes.get());
  return std::move(out).text();
}

/// Clients that find `loading:1` wait, as they do for Redis.
std::string persistence(const info_sources& from) {
  auto& x = from.figures;
  info_lines out;
  out.add("loading", x.loading_services.get() | x.loading_scripts.get())
    .zeros("async_loading current_cow_peak current_cow_size "
           "current_cow_size_age")
    .add("current_fork_perc", two_digits(0))
    .zeros("current_save_keys_processed current_save_keys_total "
           "rdb_changes_since_last_save rdb_bgsave_in_progress")
    .add("rdb_last_save_time",
         unix_microseconds(from.wall - (from.now - from.who.started))
           / 1'000'000)
    .add("rdb_last_bgsave_status", std::string{"ok"})
    .add("rdb_last_bgsave_time_sec", -1)
    .add("rdb_current_bgsave_time_sec", -1)
    .zeros("rdb_saves rdb_last_cow_size rdb_last_load_keys_expired "
           "rdb_last_load_keys_loaded aof_enabled aof_rewrite_in_progress "
           "aof_rewrite_scheduled")
    .add("aof_last_rewrite_time_sec", -1)
    .add("aof_current_rewrite_time_sec", -1)
    .add("aof_last_bgrewrite_status", std::string{"ok"})
    .zeros("aof_rewrites aof_rewrites_consecutive_failures")
    .add("aof_last_write_status", std::string{"ok"})
    .zeros("aof_last_cow_size module_fork_in_progress "
           "module_fork_last_cow_size");
  return std::move(out).text();
}

std::string stats(const info_sources& from) {
  auto& x = from.figures;
  auto rates = x.rates.measure(x.totals(), from.now);
  session::command_statistics all;
  all.add(x.statistics);
  all.add(x.script_statistics);
  info_lines out;
  out.add("total_connections_received", x.connections.get())
    .add("total_commands_processed", x.commands.get())
    .add("instantaneous_ops_per_sec",
         static_cast<std::int64_t>(rates.commands + 0.5))
    .add("total_net_input_bytes", x.input_bytes.get())
    .add("total_net_output_bytes", x.output_bytes.get())
    .zeros("total_net_repl_input_bytes total_net_repl_output_bytes")
    .add("instantaneous_input_kbps", two_digits(rates.input / 1024))
    .add("instantaneous_output_kbps", two_digits(rates.output / 1024))
    .add("instantaneous_input_repl_kbps", two_digits(0))
    .add("instantaneous_output_repl_kbps", two_digits(0))
    .add("rejected_connections", x.rejected.get())
    .zeros("sync_full sync_partial_ok sync_partial_err expired_keys")
    .add("expired_stale_perc", two_digits(0))
    .zeros("expired_time_cap_reached_count expire_cycle_cpu_milliseconds "
           "evicted_keys evicted_clients total_eviction_exceeded_time "
           "current_eviction_exceeded_time keyspace_hits keyspace_misses")
    .add("pubsub_channels", x.channels.get())
    .add("pubsub_patterns", x.patterns.get())
    .add("pubsubshard_channels", x.shards.get())
    .zeros("latest_fork_usec total_forks "
           "migrate_cached_sockets slave_expires_tracked_keys "
           "active_defrag_hits active_defrag_misses active_defrag_key_hits "
           "active_defrag_key_misses total_active_defrag_time "
           "current_active_defrag_time tracking_total_keys "
           "tracking_total_items tracking_total_prefixes "
           "unexpected_error_replies")
    .add("total_error_replies", all.all_errors())
    .add("dump_payload_sanitizations", 0)
    .add("total_reads_processed", x.reads.get())
    .add("total_writes_processed", x.writes.get())
    .zeros("io_threaded_reads_processed io_threaded_writes_processed "
           "reply_buffer_shrinks reply_buffer_expands")
    .add("client_output_buffer_limit_disconnections", x.cut_off.get())
    .add("pubsub_messages_published", x.published.get())
    .add("pubsub_messages_delivered", x.delivered.get());
  return std::move(out).text();
}

std::string replication(const info_sources& from) {
  info_lines out;
  out.add("role", std::string{"master"})
    .add("connected_slaves", 0)
    .add("master_failover_state", std::string{"no-failover"})
    .add("master_replid", from.who.run_id)
    .add("master_replid2", std::string(40, '0'))
    .add("master_repl_offset", 0)
    .add("second_repl_offset", -1)
    .add("repl_backlog_active", 0)
    .add("repl_backlog_size", 1'048'576)
    .zeros("repl_backlog_first_byte_offset repl_backlog_histlen");
  return std::move(out).text();
}

std::string cpu(const info_sources&) {
  rusage all{}, children{}, thread{};
  ::getrusage(RUSAGE_SELF, &all);
  ::getrusage(RUSAGE_CHILDREN, &children);
  ::getrusage(RUSAGE_THREAD, &thread); // the one of all clients
  info_lines out;
  out.add("used_cpu_sys", seconds(all.ru_stime))
    .add("used_cpu_user", seconds(all.ru_utime))
    .add("used_cpu_sys_children", seconds(children.ru_stime))
    .add("used_cpu_user_children", seconds(children.ru_utime))
    .add("used_cpu_sys_main_thread", seconds(thread.ru_stime))
    .add("used_cpu_user_main_thread", seconds(thread.ru_utime));
  return std::move(out).text();
}

/// As of the last SVSTATUS.
std::string services(const info_sources& from) {
  auto& x = from.figures;
  char percent[32];
  std::snprintf(percent, sizeof(percent), "%.1f",
                static_cast<double>(x.services_cpu.get()) / 10);
  auto rss = x.services_rss.get();
  info_lines out;
  out.add("services_processes", x.services_processes.get())
    .add("services_cpu_percent", std::string{percent})
    .add("services_memory_rss", rss)
    .add("services_memory_rss_human",
         human_size(static_cast<std::uint64_t>(rss)));
  return std::move(out).text();
}

/// What clients and scripts called, together.
template <std::string (*Lines)(const session::command_statistics&)>
std::string merged_lines(const info_sources& from) {
  session::command_statistics all;
  all.add(from.figures.statistics);
  all.add(from.figures.script_statistics);
  return Lines(all);
}

std::string no_lines(const info_sources&) {
  return {};
}

struct info_section {
  std::string_view name;
  bool by_default;
  std::string (*text)(const info_sources&);
};

constexpr info_section info_sections[] = {
  {"Server", true, server},
  {"Clients", true, clients},
  {"Memory", true,
   [](const info_sources& x) {
     return memory_lines(x.figures.clients.get() * idle_client_memory()
                         + x.figures.unsent_bytes.get());
   }},
  {"Persistence", true, persistence},
  {"Stats", true, stats},
  {"Replication", true, replication},
  {"CPU", true, cpu},
  {"Services", true, services},
  {"Modules", true, no_lines},
  {"Commandstats", false, merged_lines<session::command_lines>},
  {"Errorstats", true, merged_lines<session::error_lines>},
  {"Latencystats", false, merged_lines<session::latency_lines>},
  {"Cluster", true,
   [](const info_sources&) { return std::string{"cluster_enabled:0\r\n"}; }},
  {"Keyspace", true, no_lines},
};

bool is_wanted(const info_section& x, std::span<const std::string> asked) {
  if (asked.empty())
    return x.by_default;
  return std::any_of(asked.begin(), asked.end(), [&x](auto& word) {
    return equal_ignoring_case(word, x.name) || equal_ignoring_case(word, "all")
           || equal_ignoring_case(word, "everything")
           || (x.by_default && equal_ignoring_case(word, "default"));
  });
}

} // namespace

std::string
info_text(const info_sources& from, std::span<const std::string> sections) {
  std::string result;
  for (auto& x : info_sections) {
    if (!is_wanted(x, sections))
      continue;
    if (!result.empty())
      result += "\r\n";
    result.append("# ").append(x.name).append("\r\n").append(x.text(from));
  }
  return result;
}

} // namespace saker

#pragma once

#include "config/listen_address.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

namespace saker::config {

/// When a client that does not read is cut off, as in Redis. Zeros: never.
struct output_limit {
  std::uint64_t hard = 0; ///< bytes: at once
  std::uint64_t soft = 0; ///< bytes: when exceeded for soft_time
  std::chrono::seconds soft_time{0};

  bool operator==(const output_limit&) const = default;
};

/// Bounds on what clients may make a node hold. Sizes are bytes.
struct limit_settings {
  std::uint64_t query_buffer = 128ull << 20; ///< unparsed input per client
  std::uint64_t bulk = 64ull << 20;          ///< one argument
  std::uint64_t client_memory = 1ull << 30;  ///< all clients together
  std::uint64_t reply_pause = 64ull << 20;   ///< unsent: commands wait
  std::uint32_t open_commands = 1024;        ///< unanswered, per client
  std::uint64_t channel_name = 4096;         ///< of a channel or pattern
  std::uint32_t subscriptions = 100'000;     ///< per client
  std::uint32_t guest_subscriptions = 100; ///< … that has no right to control
  output_limit output_normal;
  output_limit output_pubsub{32ull << 20, 8ull << 20, std::chrono::seconds{60}};

  bool operator==(const limit_settings&) const = default;
};

/// What a user may do.
enum class right : std::uint8_t { status, events, control, script, admin };

struct user_settings {
  std::string password_hash; ///< SHA-256, 64 lower-case hex digits, or empty
  std::set<right> rights{right::status, right::events, right::control,
                         right::script, right::admin};
  std::vector<std::string> channels{"*"}; ///< masks
  std::vector<std::string> services{"*"}; ///< masks
  std::vector<std::string> rules; ///< … of ACL SETUSER, after all that

  bool operator==(const user_settings&) const = default;
};

struct script_settings {
  std::filesystem::path dir; ///< absolute
  /// Lua search paths as in LUA_PATH: relative ones lie in `dir`, `;;` stands
  /// for Lua's own default.
  std::string path = "?.lua;?/init.lua;;";
  std::string cpath = "?.so;;";
  std::chrono::nanoseconds interval = std::chrono::seconds{5};
  std::uint64_t memory = 64ull << 20; ///< bytes per Lua state
  std::chrono::nanoseconds time = std::chrono::seconds{1};
  std::uint32_t threads = 2;
  bool watch = true;                       ///< reload files that change
  std::uint32_t timers = 1'000;            ///< per script
  std::uint32_t subscriptions = 100;       ///< per script
  std::uint32_t messages = 1'000;          ///< that wait for a script
  std::uint64_t message_memory = 1u << 20; ///< bytes of them
  std::uint32_t blocking_threads = 4;      ///< for files and the like

  bool operator==(const script_settings&) const = default;
};

enum class log_level : std::uint8_t { trace, debug, info, warn, error };
enum class log_format : std::uint8_t { text, json };

struct log_settings {
  log_level level = log_level::info;
  std::filesystem::path file; ///< absolute; empty: stderr
  log_format format = log_format::text;

  bool operator==(const log_settings&) const = default;
};

struct journal_settings {
  std::filesystem::path file; ///< absolute
  std::uint64_t keep_events = 100'000;
  std::chrono::nanoseconds keep_time = std::chrono::hours{24 * 30};

  bool operator==(const journal_settings&) const = default;
};

/// Which commands are told to those who ask who did what.
enum class audited_commands : std::uint8_t {
  none,    ///< nothing is told, neither logins nor refusals
  changes, ///< those that change something
  all,     ///< and those that look at what needs `control` or `admin`
};

struct audit_settings {
  audited_commands commands = audited_commands::changes;
  bool scripts = false; ///< also commands of scripts with the right `script`
  std::uint32_t per_second = 100;        ///< of one user
  std::uint32_t refused_per_second = 10; ///< of all together
  std::uint64_t keep_entries = 10'000;   ///< in the journal
  std::chrono::nanoseconds keep_time = std::chrono::hours{24 * 90};

  bool operator==(const audit_settings&) const = default;
};

/// Links to the Sakers of other machines: without `listen` there are none.
struct cluster_settings {
  std::optional<listen_address> listen; ///< TCP
  /// `10.0.0.2:12107`, or with the name of a host; never `listen` itself.
  std::vector<std::string> join;
  std::filesystem::path cookie_file;   ///< absolute; empty: none
  std::filesystem::path cert, key, ca; ///< absolute; empty if insecure
  bool insecure = false;               ///< no TLS; loopback addresses only
  std::chrono::nanoseconds heartbeat = std::chrono::seconds{1};
  std::chrono::nanoseconds dead_after = std::chrono::seconds{5};
  std::uint64_t backlog = 16ull << 20; ///< bytes on their way to one node
  std::uint32_t interest = 100'000;    ///< channels and patterns of one node

  bool operator==(const cluster_settings&) const = default;
};

/// Which certificate a client has to show.
enum class client_certificate : std::uint8_t { no, optional, required };

/// Clients over TLS: without `listen` there are none.
struct tls_settings {
  std::vector<listen_address> listen; ///< TCP
  std::filesystem::path cert, key;    ///< absolute; PEM
  std::filesystem::path ca;           ///< absolute; of clients; may be empty
  client_certificate clients = client_certificate::no;
  /// Whoever shows a certificate is the user of its common name.
  bool certificate_user = false;
  std::chrono::nanoseconds handshake = std::chrono::seconds{5}; ///< at most
  std::uint32_t handshakes = 100; ///< at once; the oldest one gives way

  bool operator==(const tls_settings&) const = default;
};

/// A parameter of Redis by its own name, as CONFIG SET takes it.
struct redis_parameter {
  std::string name;
  std::string value;
  std::string place;      ///< `saker.toml:7`, for errors
  bool overrides = false; ///< it comes from overrides.toml

  bool operator==(const redis_parameter&) const = default;
};

/// Everything that saker.toml, `--set` and `--listen` can say, checked and
/// with defaults in place. Read by config::load; plain values afterwards.
struct settings {
  std::filesystem::path file;        ///< saker.toml, absolute, even if missing
  std::string node;                  ///< name of this node
  std::filesystem::path state_dir;   ///< absolute
  std::filesystem::path runtime_dir; ///< absolute
  std::vector<listen_address> listen;
  bool listen_given = false;       ///< by `--listen`: overrides move nothing
  std::string socket_group;        ///< empty: Saker's own
  std::optional<gid_t> socket_gid; ///< of socket_group
  mode_t socket_mode = 0660;
  std::uint32_t max_clients = 10'000;
  bool io_uring = true; ///< if the kernel lets us
  tls_settings tls;
  std::map<std::string, user_settings> users;
  limit_settings limits;
  script_settings scripts;
  std::filesystem::path services_dir; ///< absolute
  log_settings log;
  journal_settings journal;
  audit_settings audit;
  cluster_settings cluster;
  std::vector<redis_parameter> redis; ///< unchecked; later ones win
  std::vector<std::string> ignored;   ///< lines about what does not count

  bool operator==(const settings&) const = default;

  /// The password hash of user `default`, or an empty string.
  std::string default_password_hash() const {
    auto i = users.find("default");
    return i == users.end() ? std::string{} : i->second.password_hash;
  }
};

std::string_view to_string(right x) noexcept;
std::string_view to_string(client_certificate x) noexcept;
std::string_view to_string(log_level x) noexcept;
std::string_view to_string(log_format x) noexcept;

} // namespace saker::config

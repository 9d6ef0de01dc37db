#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace saker::resp {

/// Who carries a command out.
enum class target : std::uint8_t {
  local,     ///< the session itself
  broker,    ///< channels and patterns
  gateway,   ///< the clients, figures of the node
  librarian, ///< the script directory
  script,    ///< one Lua file
  roster,    ///< the services
  cluster,   ///< the other nodes
  node,      ///< the process
  system,    ///< figures of the machine
};

/// What a user must be allowed. `none`: everybody may.
enum class right : std::uint8_t {
  none = 0,
  status = 1,  ///< look
  events = 2,  ///< subscribe and publish
  control = 4, ///< start, stop, apply
  script = 8,  ///< commands registered by scripts
  admin = 16,  ///< everything else
};

/// A set of rights.
class rights {
public:
  constexpr rights() noexcept = default;

  constexpr rights(std::initializer_list<right> xs) noexcept {
    for (auto x : xs)
      bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(x));
  }

  static constexpr rights all() noexcept {
    return {right::status, right::events, right::control, right::script,
            right::admin};
  }

  constexpr bool has(right x) const noexcept {
    auto bit = static_cast<std::uint8_t>(x);
    return (bits_ & bit) == bit;
  }

  constexpr void add(right x) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(x));
  }

  constexpr void add(rights x) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | x.bits_);
  }

  constexpr std::uint8_t bits() const noexcept {
    return bits_;
  }

  constexpr bool operator==(const rights&) const noexcept = default;

private:
  std::uint8_t bits_ = 0;
};

/// `status`, `events` …; `none` for no right.
std::string_view to_string(right x) noexcept;

/// What a command is, apart from who may call it. A set of bits.
enum class flag : std::uint16_t {
  none = 0,
  fast = 1 << 0,
  loading = 1 << 1, ///< answers while the node loads
  stale = 1 << 2,
  noscript = 1 << 3, ///< not from scripts
  pubsub = 1 << 4,
  admin = 1 << 5,
  no_auth = 1 << 6,    ///< allowed before authentication
  subscribed = 1 << 7, ///< allowed in the subscribed state of RESP2
  blocking = 1 << 8,   ///< may take long by its nature
  container = 1 << 9,  ///< has subcommands
  no_multi = 1 << 10,  ///< not between MULTI and EXEC
};

constexpr flag operator|(flag x, flag y) noexcept {
  return static_cast<flag>(static_cast<std::uint16_t>(x)
                           | static_cast<std::uint16_t>(y));
}

constexpr bool has(flag set, flag bit) noexcept {
  return (static_cast<std::uint16_t>(set) & static_cast<std::uint16_t>(bit))
         != 0;
}

/// Names every built-in command and subcommand, for `switch`.
enum class command_id : std::uint8_t {
  acl,
  acl_cat,
  acl_deluser,
  acl_dryrun,
  acl_genpass,
  acl_getuser,
  acl_help,
  acl_list,
  acl_load,
  acl_log,
  acl_save,
  acl_setuser,
  acl_users,
  acl_whoami,
  asking,
  auth,
  call,
  client,
  client_caching,
  client_getname,
  client_getredir,
  client_help,
  client_id,
  client_info,
  client_kill,
  client_list,
  client_no_evict,
  client_no_touch,
  client_pause,
  client_reply,
  client_setinfo,
  client_setname,
  client_tracking,
  client_trackinginfo,
  client_unblock,
  client_unpause,
  cluster,
  command,
  command_count,
  command_docs,
  command_getkeys,
  command_getkeysandflags,
  command_help,
  command_info,
  command_list,
  config,
  config_get,
  config_help,
  config_resetstat,
  config_rewrite,
  config_set,
  dbsize,
  debug,
  discard,
  echo,
  exec,
  flushall,
  flushdb,
  function,
  function_flush,
  function_help,
  function_list,
  function_stats,
  hello,
  help,
  info,
  lastsave,
  latency,
  latency_doctor,
  latency_graph,
  latency_help,
  latency_histogram,
  latency_history,
  latency_latest,
  latency_reset,
  load,
  lolwut,
  memory,
  memory_doctor,
  memory_help,
  memory_malloc_stats,
  memory_purge,
  memory_stats,
  memory_usage,
  module,
  module_help,
  module_list,
  monitor,
  multi,
  node,
  node_forget,
  node_help,
  node_info,
  nodes,
  object,
  object_encoding,
  object_freq,
  object_help,
  object_idletime,
  object_refcount,
  ping,
  psubscribe,
  publish,
  pubsub,
  pubsub_channels,
  pubsub_help,
  pubsub_numpat,
  pubsub_numsub,
  pubsub_shardchannels,
  pubsub_shardnumsub,
  punsubscribe,
  quit,
  readonly,
  readwrite,
  reset,
  role,
  script,
  script_exists,
  script_flush,
  script_help,
  select,
  shutdown,
  slowlog,
  slowlog_get,
  slowlog_help,
  slowlog_len,
  slowlog_reset,
  spublish,
  ssubscribe,
  subscribe,
  sunsubscribe,
  svapply,
  svaudit,
  svcheck,
  svconfig,
  svcont,
  svdisable,
  svdrop,
  svenable,
  svgmember,
  svgrestart,
  svgstart,
  svgstatus,
  svgstop,
  svlife,
  svlog,
  svpause,
  svplan,
  svreload,
  svreset,
  svrestart,
  svrun,
  svscale,
  svsignal,
  svstart,
  svstatus,
  svstop,
  svtryrestart,
  svwait,
  svwhy,
  swapdb,
  sysinfo,
  tasks,
  time,
  unload,
  unsubscribe,
  unwatch,
  wait,
  watch,
};

/// One argument of a command, for COMMAND DOCS and usage lines.
struct argument_info {
  /// The kinds that redis-cli knows and we use.
  enum class kind : std::uint8_t {
    string,
    integer,
    pattern,
    token, ///< the word itself
    oneof, ///< one of `parts`
    block, ///< all of `parts`
  };

  std::string_view name;
  kind type = kind::string;
  bool optional = false;
  bool multiple = false;
  std::string_view token = {}; ///< the word that stands before it, if any
  std::span<const argument_info> parts = {};
};

/// Which words of a command are names of keys. There are none here, but who
/// sends commands for a cluster looks at that.
struct key_range {
  int first = 0; ///< 0: none
  int last = 0;  ///< -1: the last word
  int step = 0;
  std::string_view flag = {}; ///< `RO`, as Redis names it; `not_key`

  constexpr bool empty() const noexcept {
    return first == 0;
  }
};

/// One built-in command or subcommand. Lives as long as the program.
struct command_info {
  std::string_view name; ///< lower case; of a subcommand `client|list`
  command_id id;
  int arity; ///< with the name(s); negative: at least
  flag flags;
  enum right right;
  enum target target;
  std::string_view categories; ///< `@fast @connection`
  std::string_view group;      ///< heading in HELP and COMMAND DOCS
  std::string_view summary;
  std::string_view since;
  std::span<const argument_info> arguments = {};
  std::span<const command_info> subcommands = {};
  key_range keys = {};

  /// True if a command of `count` words, the name included, is complete.
  constexpr bool accepts(std::size_t count) const noexcept {
    return arity >= 0 ? count == static_cast<std::size_t>(arity)
                      : count >= static_cast<std::size_t>(-arity);
  }

  /// Of a subcommand the part behind `|`, else the name.
  constexpr std::string_view last_name() const noexcept {
    return name.substr(name.find('|') + 1);
  }
};

/// All commands (not subcommands) in alphabetical order.
std::span<const command_info> commands() noexcept;

/// A command by its name in any case; `nullptr` if there is none. Neither
/// allocates nor locks; any thread.
const command_info* find_command(std::string_view name) noexcept;

/// A subcommand of `container` by its name in any case, or `nullptr`.
const command_info*
find_subcommand(const command_info& container, std::string_view name) noexcept;

/// `ping` or `client|list`, as COMMAND INFO names them.
const command_info* find_full_name(std::string_view name) noexcept;

/// `SVWAIT mask state ms`: how to type it.
std::string usage(const command_info& x);

} // namespace saker::resp

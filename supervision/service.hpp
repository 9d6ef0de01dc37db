#pragma once

#include "process/spec.hpp"
#include "supervision/backoff.hpp"
#include "supervision/budget.hpp"
#include "supervision/cause.hpp"
#include "supervision/hook.hpp"
#include "supervision/ladder.hpp"
#include "supervision/listen_socket.hpp"
#include "supervision/schedule.hpp"
#include "supervision/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::supervision {

/// A line of a definition file.
struct place {
  std::string file;
  int line = 0;

  bool operator==(const place&) const = default;
};

/// `services/web.lua:12`.
std::string to_string(const place& x);

/// How a service is made to reload itself: a signal to the child, or a
/// command that runs as the service does.
struct reload_rule {
  int signal = 0;                   ///< 0: the command
  std::vector<std::string> command; ///< argv

  bool operator==(const reload_rule&) const = default;
};

/// Where the output of a service goes.
struct log_settings {
  enum class when_full : std::uint8_t {
    drop,  ///< discard output with a "lost N bytes" line
    block, ///< the child waits
  };

  std::string file;                ///< empty: `<state>/log/<instance>.log`
  std::uint64_t size = 10'000'000; ///< bytes per file before it is rotated
  std::uint32_t keep = 5;          ///< rotated files
  bool split = false;              ///< stderr into a file of its own
  when_full full = when_full::drop;

  bool operator==(const log_settings&) const = default;
};

/// How the process of a daemon is known, which its program starts and leaves.
/// One of the two is there.
struct daemon_settings {
  std::string pidfile; ///< that the daemon writes itself; empty: none
  std::string match;   ///< RE2, where there is no pidfile

  bool operator==(const daemon_settings&) const = default;
};

/// Which variables of Saker's own environment a child gets, beside HOME USER
/// LOGNAME SHELL, which come from its user, and PATH, which has a default.
struct inherited {
  bool all = false;
  std::vector<std::string> names = {"PATH",    "HOME",  "USER",
                                    "LOGNAME", "SHELL", "LANG"};

  bool operator==(const inherited&) const = default;
};

/// When a child is so old that another one takes its place.
struct aging {
  duration after{};    ///< 0: never
  double jitter = 0.1; ///< up to this share of it later, so not all at once

  bool operator==(const aging&) const = default;
};

/// One service as it was defined, every key resolved. A plain value: compare
/// it, copy it, share it (`std::shared_ptr<const service>`).
struct service {
  std::string name;
  std::vector<std::string> exec; ///< argv; never empty
  bool shell = false;            ///< `exec` was a string: argv is sh -c
  std::uint32_t count = 1;
  bool counted = false; ///< `count` was given: shown as `name:0`, not `name`
  bool autostart = true;
  bool once = false; ///< made by SVRUN: only a command starts it again
  std::vector<std::string> groups; ///< of services, `%name` in masks; sorted

  std::string dir = "/";
  std::string user;                              ///< empty: Saker's own
  std::vector<std::string> supplementary_groups; ///< empty: those of the user
  std::uint32_t umask = 022;
  std::string input; ///< the file that is stdin; empty: /dev/null
  std::map<std::string, std::string> env;
  std::vector<std::string> env_file; ///< as written: `/a`, `-/may/be/missing`
  std::map<std::string, std::string> file_env; ///< what these said; wins
  inherited inherit_env;

  std::vector<process::limit> limits; ///< by resource
  int nice = 0;
  std::optional<int> oom; ///< nothing: 0, as far as the kernel lets us
  std::vector<int> cpus;  ///< sorted; empty: all
  bool no_new_privs = false;

  exit_table exit;
  budget_limit budget;
  spent_rule spent;
  backoff_rule backoff;
  duration start_timeout = std::chrono::seconds{30};
  aging max_age;
  schedule when;
  hook before;
  hook after;
  hook on_failed;

  /// The commands of one kind.
  const hook& hook_of(hook_kind x) const noexcept;

  /// Whether anything else than `exec` is ever run for it: a hook, or a command
  /// that stops or reloads it.
  bool has_commands() const noexcept;

  ladder stop = *parse_ladder("TERM 10s KILL");
  kill_scope kill = kill_scope::tree;
  std::optional<reload_rule> reload; ///< none: it cannot

  std::vector<listen_socket> listen;     ///< 3, 4… of the child
  std::string pidfile;                   ///< empty: none
  std::string match;                     ///< RE2; empty: none
  std::optional<daemon_settings> daemon; ///< nothing: `exec` is the service
  std::optional<log_settings> log = log_settings{};

  place where;              ///< not part of the definition: see plan.hpp
  std::uint64_t source = 0; ///< hash of the file's text; not part of it

  bool operator==(const service&) const = default;
};

/// One of the `count` processes of a service.
struct instance {
  std::string name;
  std::uint32_t index = 0;
  bool counted = false;

  bool operator==(const instance&) const = default;

  /// `name#index`: what the keeper and the journal call it.
  std::string key() const;

  /// `name`, or `name:index` where a count was given: what users see.
  std::string display() const;
};

/// The instance `index` of `x`.
inline instance instance_of(const service& x, std::uint32_t index) {
  return {x.name, index, x.counted};
}

/// `name#index` back into its parts; nothing if it is not a key.
std::optional<instance> parse_key(std::string_view key);

/// May a service be called this? `[A-Za-z0-9][A-Za-z0-9_.-]{0,62}` and not a
/// reserved word (whatever its case). Fails: `invalid_argument`, with the rule.
result<void> check_name(std::string_view name);

/// May a group of services be called this? The same rule.
result<void> check_group_name(std::string_view name);

/// `WAIT`, `JSON` and their like, whatever their case: no service has such a
/// name.
bool is_command_word(std::string_view text);

/// The definition for one instance: `{i}` replaced by its index in exec, dir,
/// stdin, env, listen, pidfile, match, daemon, log.file, the stop and reload
/// commands and hooks; not in what env files say.
service for_instance(const service& x, std::uint32_t index);

/// What all instances of `x` listen on.
std::vector<std::string> addresses_of(const service& x);

/// The log file of one instance: what was configured, else
/// `<state_dir>/log/<display>.log`; with `error` the one of stderr, whose name
/// has `.err` before the extension. Empty when nothing is logged.
std::string log_file(const service& x, std::uint32_t index,
                     std::string_view state_dir, bool error = false);

} // namespace saker::supervision

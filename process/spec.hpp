#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>
#include <sys/types.h>

namespace saker::process {

/// Where a standard stream of a child goes.
enum class output_kind : std::uint8_t {
  null = 0,       ///< /dev/null
  fifo = 1,       ///< `path` is a FIFO of ours, opened O_RDWR before rights go
  file = 2,       ///< `path` is appended to, opened with the user's rights
  inherit = 3,    ///< the stream of the same number of the parent
  descriptor = 4, ///< a copy of `fd`, which the parent owns
};

struct output {
  output_kind kind = output_kind::null;
  std::string path; ///< for `fifo` and `file`
  int fd = -1;      ///< for `descriptor`

  bool operator==(const output&) const = default;
};

/// A resource limit; `RLIM_INFINITY` is "unlimited".
struct limit {
  int resource = 0; ///< RLIMIT_…, see limit_number
  std::uint64_t soft = RLIM_INFINITY;
  std::uint64_t hard = RLIM_INFINITY;

  bool operator==(const limit&) const = default;
};

/// `RLIMIT_NOFILE` for `nofile`, `NOFILE` or `RLIMIT_NOFILE`.
std::optional<int> limit_number(std::string_view name) noexcept;

/// `nofile` for `RLIMIT_NOFILE`; empty for an unknown number.
std::string_view limit_name(int resource) noexcept;

/// All that limit_number knows, for "did you mean".
std::vector<std::string> limit_names();

/// The search path of a child without PATH in its environment.
inline constexpr std::string_view default_path
  = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The most descriptors that can be passed to a child besides 0, 1 and 2.
inline constexpr std::size_t max_passed_fds = 7;

/// What a child shall be. The defaults are those of a service.
struct spec {
  /// The program and its arguments; never empty. A program without a slash is
  /// searched in the PATH of `env`, else in default_path.
  std::vector<std::string> argv;

  /// The whole environment, `NAME=value` each.
  std::vector<std::string> env;

  /// Adds HOME, USER, LOGNAME and SHELL of the user where `env` has none. Done
  /// in the child, because asking for users may take long.
  bool user_env = false;

  std::string dir = "/";

  /// A name or number; empty: the user of the parent. A number without an
  /// account needs `groups`, the first of them is then the primary one.
  std::string user;

  /// Supplementary groups, names or numbers; empty: those of the user.
  std::vector<std::string> groups;

  mode_t umask = 022;

  /// The file that is stdin, opened with the user's rights; empty: /dev/null.
  std::string input;

  /// What stdin holds, any bytes; empty: nothing. `input` goes before it.
  std::string input_text;

  output out;

  /// Nothing: stderr is the same open file as stdout.
  std::optional<output> err;

  /// Written and locked for the child, mode 0644; our own file, not one that
  /// the program opens too (it would drop the lock). Empty: none.
  std::string pidfile;

  /// A cgroup v2 directory to enter; empty: the parent's.
  std::string cgroup;

  /// Nothing: 0, as far as the kernel lets us. A value is a demand.
  std::optional<int> oom;

  int nice = 0;
  std::vector<int> cpus; ///< may run on these only; empty: the parent's
  std::vector<limit> limits;
  bool no_new_privs = false;

  /// The child gets this signal when the parent ends; 0: it lives on.
  int death_signal = 0;

  /// Descriptors of the parent that become 3, 4, … in the child; at most
  /// max_passed_fds. LISTEN_FDS and LISTEN_FDNAMES are up to `env`.
  std::vector<int> fds;

  /// Adds LISTEN_PID, which nobody but the child knows.
  bool listen_pid = false;

  bool operator==(const spec&) const = default;
};

/// The longest argument or variable that Linux takes: 32 pages with its NUL.
inline constexpr std::size_t max_argument = 131'071;

/// The most bytes of all of them together, counted as Linux does: each with
/// its NUL and its pointer. Linux takes a quarter of the stack limit, by
/// default 2 MiB; half of it is left to what a shell in between may add.
inline constexpr std::size_t max_arguments = std::size_t{1} << 20;

/// The longest `input_text`: a child holds it in memory.
inline constexpr std::size_t max_input_text = std::size_t{1} << 20;

/// `Argument list too long: argument 2 has 5000000 bytes…`; as in a definition,
/// the program is argument 1. Fails: `errc::limit`.
result<void> check_size(const std::vector<std::string>& argv,
                        const std::vector<std::string>& env);

} // namespace saker::process

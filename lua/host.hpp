#pragma once

#include "base/result.hpp"
#include "lua/callback.hpp"
#include "lua/control.hpp"
#include "resp/value.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace saker::lua {

/// Names what a task waits for; unique for the life of its script.
using request_id = std::uint64_t;

/// The numbers are those of the constants LOG_FATAL to LOG_TRACE.
enum class log_level : std::uint8_t {
  fatal = 1,
  critical,
  error,
  warning,
  notice,
  info,
  debug,
  trace,
};

/// "warning"; and back, with an error that lists the names.
std::string_view to_string(log_level x) noexcept;
result<log_level> parse_log_level(std::string_view x);

/// A child holds its input in memory: bytes.
inline constexpr std::size_t longest_input = std::size_t{1} << 20;

/// A command that a script runs as a child process.
struct exec_spec {
  std::vector<std::string> argv; ///< a command text is {"/bin/sh", "-c", text}
  std::chrono::milliseconds timeout{10'000}; ///< then it is killed
  std::string dir;                           ///< empty: as Saker itself
  std::map<std::string, std::string> env;    ///< added to the usual ones
  std::string input; ///< its stdin, at most longest_input

  bool operator==(const exec_spec&) const = default;
};

/// How such a command ended.
struct exec_result {
  int code = 0;   ///< exit code; 0 if a signal ended it
  int signal = 0; ///< 0 if it exited
  std::string out;
  std::string err;

  bool operator==(const exec_result&) const = default;
};

/// The values that a chore gives to the script, in order: plain tables.
using chore_result = std::vector<resp::value>;

/// Work that may wait for the system: files, tables of processes. Runs on a
/// thread for such work, touches no Lua, and ends early when it finds `stop`
/// set, because nobody waits any more.
struct chore {
  std::function<result<chore_result>(const std::atomic<bool>& stop)> run;
  std::chrono::nanoseconds patience = std::chrono::seconds{30}; ///< from ask on
};

/// What a script may ask for. The script actor implements it with messages, a
/// test with a fake. No call may block, and none may call the script back: the
/// answer to a request is given later, by `script::answer`.
class host {
public:
  virtual ~host() = default;

  /// The monotonic clock. Asked once or twice per slice.
  virtual time_point now() = 0;

  /// For display: os.time and os.date.
  virtual wall_time_point wall_time() = 0;

  /// The task of that alias (`load`: the file) runs from here on.
  virtual void turn_of(std::string_view alias) = 0;

  virtual void log(log_level level, std::string_view text) = 0;

  /// Answer: the number of receivers.
  virtual void publish(request_id id, std::string channel, std::string message)
    = 0;

  /// Answer: an exec_result; `errc::timeout` when it took too long.
  virtual void exec(request_id id, exec_spec what) = 0;

  /// Runs a command of Saker. Answer: its reply.
  virtual void call(request_id id, std::vector<std::string> argv) = 0;

  /// Publishes an event of the script's own. Answer: its id as text.
  virtual void emit(request_id id, std::string name, std::string json) = 0;

  /// Does that on a thread where it may block. Answer: its result.
  virtual void work(request_id id, chore what) = 0;

  /// From now on, messages of matching channels go to `script::deliver`.
  virtual void subscribe(callback_id id, std::string pattern) = 0;

  /// No more of them.
  virtual void unsubscribe(callback_id id) = 0;

  /// Nobody waits for that answer any more: a child may be ended.
  virtual void forget(request_id id) = 0;
};

} // namespace saker::lua

#pragma once

#include "lua/callback.hpp"
#include "lua/command.hpp"
#include "lua/host.hpp"
#include "lua/reference.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace saker::lua {

/// What a task waits for.
struct sleep_request {
  std::chrono::nanoseconds time;
};

struct publish_request {
  std::string channel;
  std::string message;
};

struct call_request {
  std::vector<std::string> argv;
  bool plainly = false; ///< the answer shall be plain tables: see push_plain
};

struct event_request {
  std::string name;
  std::string data; ///< JSON
};

struct work_request {
  chore what;
};

using request = std::variant<sleep_request, publish_request, exec_spec,
                             call_request, event_request, work_request>;

/// The bytes that it holds. They count as memory of the script until it is
/// answered.
std::size_t size_of(const request& x);

/// What the functions of the table `saker` need from the script they belong
/// to. It is the owner of the state, as an `api_client*`. Must not touch Lua.
class api_client {
public:
  virtual ~api_client() = default;

  /// Replaces an alias that is there.
  virtual result<void> add_command(command_spec what, reference function) = 0;

  virtual bool remove_command(std::string_view alias) = 0;

  /// Runs the function when it is time. `label` is for people. Fails:
  /// errc::limit.
  virtual result<callback_id>
  add_timer(timer_spec what, std::string label, reference function) = 0;

  /// Runs it with channel and message of each that matches. Fails:
  /// errc::limit.
  virtual result<callback_id>
  add_subscription(std::string pattern, std::string label, reference function)
    = 0;

  /// False: it has ended or was closed before.
  virtual bool close(callback_id which) = 0;

  virtual void log(log_level level, std::string_view text) = 0;

  /// The running task pauses after this until the answer is there.
  virtual void ask(request what) = 0;

  /// Of a cycle that does not say `every`.
  virtual std::chrono::nanoseconds interval() const = 0;

  /// Unix time.
  virtual wall_time_point wall_time() = 0;

  /// Whether the running task is a command that only admins may call.
  virtual bool admin_asks() const = 0;

  /// Where relative paths of this script start: saker.cd changes it.
  virtual std::string& directory() = 0;
};

/// Adds the table `saker` and the constants PROP_… and LOG_…. [-0, +0]
void open_api(lua_State* L);

} // namespace saker::lua

#pragma once

#include "actors/inner_client.hpp"
#include "lua/script.hpp"
#include "messages/job_actor.hpp"
#include "messages/script_actor.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace saker {

/// What all scripts of a node share. Outlives them.
struct script_links {
  shared_links connections;
  /// Spawns a JOB.
  std::function<job_actor()> job;
  std::function<void(lua::log_level, const std::string&)> log;
  /// Of the engine: memory, paths, time budget.
  lua::script_options options;
};

using shared_script_links = std::shared_ptr<const script_links>;

/// One Lua file at work: an `lua::script` steps, this gives it turns and
/// carries its requests to others. Runs on a script thread.
///
/// | request of the script | goes to                              |
/// |-----------------------|--------------------------------------|
/// | publish               | BROKER                               |
/// | exec                  | a JOB                                |
/// | call                  | whoever carries out that command     |
struct script_state : lua::host {
  using pointer = script_actor::pointer;

  explicit script_state(pointer owner) : self(owner) {
    // nop
  }

  /// Whoever still waits is told: nobody else would.
  ~script_state() override;

  void begin(shared_script_links with, std::string file);

  // -- messages
  caf::result<command_specs> load(const std::string& text);
  caf::result<resp::value> call(command_call& what);
  task_list describe() const;
  caf::result<bool> finish();
  void pump();
  void tick(std::uint64_t epoch);
  void expire();
  void carry_on(lua::request_id id);
  void report(session::request_id id, const receiver_counts& counts);

  // -- lua::host
  lua::time_point now() override;
  lua::wall_time_point wall_time() override;
  void log(lua::log_level level, std::string_view text) override;
  void publish(lua::request_id id, std::string channel,
               std::string message) override;
  void exec(lua::request_id id, lua::exec_spec what) override;
  void call(lua::request_id id, std::vector<std::string> argv) override;
  void forget(lua::request_id id) override;

  static inline const char* name = "script";

  pointer self;
  shared_script_links links;
  std::string file; ///< its name, as LOAD and TASKS show it

private:
  void want_turn();
  void arm();
  void finished(lua::finished_task& x);
  void tell_commands();
  void check_end();
  void dismiss_callers(const failure& why);

  std::unique_ptr<lua::script> engine_;
  bool pumping_ = false;
  std::uint64_t epoch_ = 0;
  lua::task_id loading_ = 0;
  std::optional<caf::typed_response_promise<command_specs>> loader_;
  std::optional<caf::typed_response_promise<bool>> ender_;
  std::size_t deferred_ = 0; ///< tasks that run before the end
  std::map<lua::task_id, caf::typed_response_promise<resp::value>> callers_;
  std::map<lua::request_id, job_actor> jobs_;
  std::map<lua::request_id, std::unique_ptr<inner_client>> calls_;
  /// Of a publish inside a called command: batch → call.
  std::map<session::request_id, std::pair<lua::request_id, session::request_id>>
    inner_publishes_;
  session::request_id last_inner_ = std::uint64_t{1} << 62;
};

/// The SCRIPT.
///
/// | message                | reply            | meaning                     |
/// |------------------------|------------------|-----------------------------|
/// | `load`, text           | `command_specs`  | run the file                |
/// | `call`, call           | `value`          | run one of its commands     |
/// | `describe`             | `task_list`      | for TASKS                   |
/// | `finish`               | `unit`           | run what was deferred; end  |
/// | `report`, id, counts   | —                | the BROKER published        |
/// | `pump`, `tick`         | — (self)         | a slice of work             |
/// | `expire`               | — (self)         | end, whoever waits          |
/// | `ask`, id              | — (self)         | go on with a called command |
///
/// Fails: `script_error`, `busy`, `out_of_memory`. Quits: after `finish` (when
/// running commands are done, or a second later), when its file fails, or when its live data fill its memory (`errc::out_of_memory`
/// as the reason: the LIBRARIAN starts it anew). Time: sleeps and cycles.
script_actor::behavior_type
script(script_actor::stateful_pointer<script_state> self,
       shared_script_links links, std::string file);

} // namespace saker

#pragma once

#include "actors/chore_list.hpp"
#include "actors/inner_client.hpp"
#include "actors/script_mail.hpp"
#include "actors/script_worker.hpp"
#include "actors/stopwatch.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace saker {

/// One Lua file at work. Its Lua side is a `script_worker`, which goes to a
/// script thread with what is to be done and comes back with what was done.
/// Runs on the I/O thread: it never computes, and answers whatever Lua does.
///
/// | phase   | event                    | next                               |
/// |---------|--------------------------|------------------------------------|
/// | idle    | an order, something due  | busy: the worker goes to a thread  |
/// | busy    | an order                 | busy: it is kept for the next time |
/// | busy    | the worker is back       | idle, or busy if there is more     |
/// | busy    | twice the time budget    | stuck: all who wait get -BUSY, and |
/// |         | inside one call          | the thread is replaced             |
/// | stuck   | an order                 | stuck: -BUSY                       |
/// | stuck   | the call returns         | gone: its state is freed           |
/// | idle    | all that `finish` awaits | gone                               |
///
/// | wish of the script    | goes to                              |
/// |-----------------------|--------------------------------------|
/// | publish               | BROKER                               |
/// | exec                  | a JOB                                |
/// | call                  | whoever carries out that command     |
/// | emit, subscribe       | BROKER                               |
/// | work                  | a thread for chores                  |
struct script_state {
  using pointer = script_actor::pointer;

  explicit script_state(pointer owner) : self(owner) {
    // nop
  }

  /// Whoever still waits is told: nobody else would.
  ~script_state();

  void begin(shared_script_links with, std::string which);

  // -- messages
  caf::result<command_specs> load(const std::string& text);
  caf::result<resp::value> call(command_call& what);
  caf::result<task_list> describe();
  void withdraw(std::vector<std::string> aliases);
  caf::result<bool> finish();
  void ended();
  void closed();
  void watch();
  void tick(std::uint64_t epoch);
  void expire();
  void report(session::request_id id, const receiver_counts& counts);
  void deliver(const frame_list& frames);
  void ended(lua::request_id id, const chore_answer& answer);
  void look_at_chores();
  void leave(const caf::error& why);

  static inline const char* name = "script";

  pointer self;
  shared_script_links links;
  std::string file; ///< its name, as LOAD and TASKS show it

private:
  using any_promise = caf::typed_response_promise<resp::value>;

  /// Who waits for a command of the script.
  struct caller {
    any_promise promise;
    slow_subject subject;
  };

  struct stuck_call {
    std::string alias;
    lua::time_point since;
    lua::wall_time_point wall_since;
  };

  // -- the worker
  void order(script_order::any what);
  void hand_over();
  void take(script_news& news);
  void reply(script_news::reply& x);
  void loaded(const result<void>& how);
  void tell_commands();
  void arm(std::optional<lua::time_point> due);
  void check_end();
  void end_with(const failure& why);
  void dismiss_callers(const failure& why);
  void dismiss_all(const failure& why);
  failure unloaded() const;

  // -- the watch over it
  std::chrono::nanoseconds patience() const;
  void look_again(std::chrono::nanoseconds delay);
  void wait_for_thread();
  void get_stuck(lua::time_point since);
  failure why_stuck() const;
  std::optional<failure> why_nobody_works() const;
  std::optional<failure> why_not_load() const;
  task_list stuck_rows() const;

  // -- wishes
  void grant(script_wish::publish& x);
  void grant(script_wish::exec& x);
  void grant(script_wish::call& x);
  void grant(script_wish::emit& x);
  void grant(script_wish::work& x);
  void grant(script_wish::subscribe& x);
  void grant(script_wish::unsubscribe& x);
  void grant(script_wish::forget& x);
  void time_chores();
  void publish(session::publish_batch batch);
  void carry_on(lua::request_id id);
  void ask(lua::request_id id, session::request& what);
  void forget_all();

  std::shared_ptr<script_worker> worker_; ///< null: stuck, or never loaded
  bool out_ = false;                      ///< a thread has it
  std::vector<script_order::any> orders_; ///< for the next time
  bool watching_ = false;
  lua::time_point look_due_;
  bool looked_late_ = false;
  std::optional<stuck_call> stuck_;
  std::optional<caf::error> leaving_; ///< when the worker is back

  std::uint64_t epoch_ = 0;
  std::optional<lua::time_point> armed_; ///< the timer of `epoch_`
  std::optional<std::size_t> deferred_;  ///< tasks that run before the end
  command_specs commands_;
  std::optional<caf::typed_response_promise<command_specs>> loader_;
  std::optional<caf::typed_response_promise<bool>> ender_;
  std::vector<caf::typed_response_promise<task_list>> describers_;
  std::unordered_map<std::uint64_t, caller> callers_;
  std::uint64_t last_call_ = 0;
  std::map<lua::request_id, job_actor> jobs_;
  std::map<lua::request_id, std::unique_ptr<inner_client>> calls_;
  /// Of a publish inside a called command: batch → call.
  std::map<session::request_id, std::pair<lua::request_id, session::request_id>>
    inner_publishes_;
  session::request_id last_inner_ = std::uint64_t{1} << 62;
  std::optional<script_mail> mail_;
  std::optional<chore_list> chores_;
  bool timing_ = false; ///< a `wait` is on its way
};

/// The SCRIPT.
///
/// | message                | reply            | meaning                     |
/// |------------------------|------------------|-----------------------------|
/// | `load`, text           | `command_specs`  | run the file                |
/// | `call`, call           | `value`          | run one of its commands     |
/// | `describe`             | `task_list`      | for TASKS                   |
/// | `withdraw`, aliases    | —                | another file has them       |
/// | `finish`               | `unit`           | run what was deferred; end  |
/// | `report`, id, counts   | —                | the BROKER published        |
/// | `deliver`, frames      | —                | for its subscriptions       |
/// | `ended`, id, answer    | — (a thread)     | a chore is done             |
/// | `wait`                 | — (self)         | has a chore had its time?   |
/// | `ended`                | — (its worker)   | it is back                  |
/// | `closed`               | — (its worker)   | a call that was stuck is    |
/// |                        |                  | over                        |
/// | `watch`                | — (self)         | is the worker stuck?        |
/// | `tick`                 | — (self)         | a sleep or cycle is due     |
/// | `expire`               | — (self)         | end, whoever waits          |
///
/// Fails: `script_error`, `busy`, `out_of_memory`. Quits: after `finish` (when
/// running commands are done, or a second later), when its file fails, when
/// its live data fill its memory (`out_of_memory`), and after a stuck call
/// (`busy`): the LIBRARIAN starts it anew. Time: sleeps, cycles, and twice the
/// time budget for each slice of its worker.
script_actor::behavior_type
script(script_actor::stateful_pointer<script_state> self,
       shared_script_links links, std::string file);

} // namespace saker

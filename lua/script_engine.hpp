#pragma once

#include "lua/script_task.hpp"
#include "lua/state.hpp"

#include <deque>
#include <map>
#include <unordered_map>

namespace saker::lua {

class script::engine : public api_client {
public:
  engine(host& env, script_options given);
  ~engine() override;

  // -- what happened -----------------------------------------------------------

  result<task_id> load(std::string_view chunk, std::string_view text);
  result<task_id>
  call(std::string_view alias, std::vector<std::string> arguments,
       resp::protocol dialect);
  std::vector<task_id> begin_defer();
  step_result step(time_point now);
  void answer(request_id id, answer_value x);
  void deliver(callback_id id, std::string channel, std::string text,
               std::uint64_t missed);
  bool cancel(task_id id);

  // -- how it stands -----------------------------------------------------------

  std::optional<time_point> next_wake() const;
  std::vector<command_spec> commands() const;
  std::vector<task_info> tasks() const;

  std::size_t memory() const noexcept {
    return state_.used();
  }

  // -- what its Lua code wants -------------------------------------------------

  result<void> add_command(command_spec what, reference function) override;
  bool remove_command(std::string_view alias) override;
  result<callback_id>
  add_timer(timer_spec what, std::string label, reference function) override;
  result<callback_id> add_subscription(std::string pattern, std::string label,
                                       reference function) override;
  bool close(callback_id which) override;

  void log(log_level level, std::string_view text) override {
    env_.log(level, text);
  }

  void ask(request what) override {
    asked_ = std::move(what);
  }

  std::chrono::nanoseconds interval() const override {
    return options_.interval;
  }

  wall_time_point wall_time() override {
    return env_.wall_time();
  }

  bool admin_asks() const override {
    return admin_asks_;
  }

  std::string& directory() override {
    return directory_;
  }

private:
  using task_map = std::unordered_map<task_id, task>;

  using callback_map = std::map<callback_id, callback>;

  /// A task that sleeps, an alias that is due, a timer of a script.
  using timer = std::variant<task_id, entry*, callback_map::iterator>;

  task_id begin(task x);
  task_id begin(task_kind kind, const std::shared_ptr<entry>& of);
  timer_key set_timer(time_point when, timer what);
  void forget_timer(entry& of);
  void schedule(entry& of, time_point when);
  void fire_timers(time_point now);
  void wake(task_id id);
  int prepare(task& x);
  void run(task_map::iterator it, time_point now, step_result& out);
  void dispatch(task_id id, task& x, time_point now);
  void
  finish(task_map::iterator it, turn how, time_point now, step_result& out);
  static void account(entry& of, const result<resp::value>& value);
  void report(const task& x, const result<resp::value>& value, time_point now);
  void go_on(const task& x, bool succeeded, time_point now);
  std::string_view state_of(const std::shared_ptr<entry>& of) const;
  task_info
  row_of(const std::shared_ptr<entry>& of, std::optional<timer_key> due) const;

  // script_callbacks.cpp
  std::shared_ptr<entry>
  callback_entry(property when, std::string label, reference function) const;
  cron::time_point wall_seconds();
  void wait_for_schedule(callback_map::iterator it, time_point now);
  void fire(callback_map::iterator it, time_point now);
  void begin_callback(callback_map::iterator it, task_kind kind);
  void begin_message(callback_map::iterator it);
  void callback_ended(callback_id id, time_point now);
  void forget(callback_map::iterator it);

  host& env_;
  script_options options_;
  state state_; // before all that refers to it
  runner runner_;
  std::map<std::string, std::shared_ptr<entry>, std::less<>> entries_;
  task_map tasks_;
  std::deque<task_id> ready_;
  std::map<timer_key, timer> timers_;
  std::unordered_map<request_id, task_id> waiting_;
  std::optional<request> asked_;
  callback_map callbacks_;
  std::size_t subscriptions_ = 0; ///< of them
  callback_id last_callback_ = 0;
  taken_messages taken_;
  std::string directory_; ///< empty: not changed
  std::size_t loading_ = 0;
  task_id last_task_ = 0;
  request_id last_request_ = 0;
  std::uint64_t last_timer_ = 0;
  bool commands_changed_ = false;
  bool admin_asks_ = false; ///< in the present turn
};

} // namespace saker::lua

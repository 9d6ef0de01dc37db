#pragma once

#include "actors/script_links.hpp"
#include "messages/script_actor.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace saker {

/// What a SCRIPT wants its worker to do.
namespace script_order {

struct load {
  std::string text;
};

struct call {
  std::uint64_t number; ///< names it in `script_news`
  std::vector<std::string> words;
  resp::protocol protocol;
};

struct answer {
  lua::request_id id;
  std::variant<resp::value, lua::exec_result, lua::chore_result, failure> what;
};

/// A message for a subscription.
struct deliver {
  lua::callback_id to = 0;
  std::string channel;
  std::string text;
  std::uint64_t missed = 0; ///< before it

  std::size_t size() const noexcept {
    return channel.size() + text.size();
  }
};

struct describe {};

struct withdraw {
  std::vector<std::string> aliases;
};

struct defer {};

using any
  = std::variant<load, call, answer, deliver, describe, withdraw, defer>;

} // namespace script_order

/// What a script wants others to do.
namespace script_wish {

struct publish {
  lua::request_id id;
  std::string channel;
  std::string message;
};

struct exec {
  lua::request_id id;
  lua::exec_spec what;
};

struct call {
  lua::request_id id;
  std::vector<std::string> argv;
};

struct emit {
  lua::request_id id;
  std::string name;
  std::string json;
};

struct work {
  lua::request_id id;
  lua::chore what;
};

struct subscribe {
  lua::callback_id id;
  std::string pattern;
};

struct unsubscribe {
  lua::callback_id id;
};

struct forget {
  lua::request_id id;
};

using any = std::variant<publish, exec, call, emit, work, subscribe,
                         unsubscribe, forget>;

} // namespace script_wish

/// What happened at a worker.
struct script_news {
  struct reply {
    std::uint64_t number;
    result<resp::value> value;
    std::chrono::nanoseconds run_time{0}; ///< of Lua
  };

  std::vector<reply> replies;
  std::vector<script_wish::any> wishes; ///< in order
  std::optional<result<void>> loaded;
  std::optional<command_specs> commands; ///< if they have changed
  std::optional<task_list> rows;
  lua::taken_messages taken;
  /// Tasks that run before the end and are not over; nothing before `defer`.
  std::optional<std::size_t> deferred;
  bool ready = false;     ///< it has more to do
  bool exhausted = false; ///< its live data fill its memory
  std::string broken;     ///< why it cannot go on
  std::optional<lua::time_point> next_wake;
};

/// The Lua side of a SCRIPT. Goes to and fro between the SCRIPT and a script
/// thread and belongs to one of them only, so that a call which never returns
/// holds a thread but no actor. Freed on a script thread.
///
/// | who has it      | may call                                    |
/// |-----------------|---------------------------------------------|
/// | the SCRIPT      | `give`, `take_news`, then hands it over     |
/// | a script thread | `work`, then `give_back`                    |
/// | whoever         | `busy_since`, `running`, `give_up`          |
class script_worker final : public lua::host {
public:
  script_worker(shared_script_links with, std::string file);
  ~script_worker() override;
  script_worker(const script_worker&) = delete;
  script_worker& operator=(const script_worker&) = delete;

  // -- the SCRIPT

  void give(std::vector<script_order::any> orders);
  script_news take_news();

  // -- the thread

  /// Does what was ordered, then slices of what is ready, for about a
  /// millisecond.
  void work();

  /// False: the SCRIPT has given it up, so it is the thread's to free.
  bool give_back() noexcept;

  // -- any thread

  /// When the slice began that is running; nothing between slices.
  std::optional<lua::time_point> busy_since() const noexcept;

  /// The alias whose task has the turn, or the file while it is loaded.
  std::string running() const;

  /// The SCRIPT does not wait any longer. False: it is back just now.
  bool give_up() noexcept;

  // -- lua::host

  lua::time_point now() override;
  lua::wall_time_point wall_time() override;
  void turn_of(std::string_view alias) override;
  void log(lua::log_level level, std::string_view text) override;
  void publish(lua::request_id id, std::string channel,
               std::string message) override;
  void exec(lua::request_id id, lua::exec_spec what) override;
  void call(lua::request_id id, std::vector<std::string> argv) override;
  void emit(lua::request_id id, std::string name, std::string json) override;
  void work(lua::request_id id, lua::chore what) override;
  void subscribe(lua::callback_id id, std::string pattern) override;
  void unsubscribe(lua::callback_id id) override;
  void forget(lua::request_id id) override;

private:
  enum class place : std::uint8_t { script, thread, nowhere };

  void do_work();
  void carry_out(script_order::load& x);
  void carry_out(script_order::call& x);
  void carry_out(script_order::answer& x);
  void carry_out(script_order::deliver& x);
  void carry_out(script_order::describe& x);
  void carry_out(script_order::withdraw& x);
  void carry_out(script_order::defer& x);
  void collect(lua::step_result& x);
  void collect(lua::finished_task& x);
  void mark(lua::time_point since) noexcept;

  shared_script_links links_;
  std::string file_;
  std::vector<script_order::any> orders_;
  script_news news_;
  lua::task_id loading_ = 0;
  std::unordered_map<lua::task_id, std::uint64_t> calls_;
  std::optional<std::size_t> deferred_;
  std::atomic<place> place_{place::script};
  std::atomic<lua::time_point::rep> since_{0};
  mutable std::mutex mutex_; // guards running_
  std::string running_;
  std::string turn_;                    ///< the same, for the thread
  std::unique_ptr<lua::script> engine_; // the first to go
};

} // namespace saker

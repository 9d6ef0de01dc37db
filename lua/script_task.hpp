#pragma once

#include "lua/api.hpp"
#include "lua/error_fold.hpp"
#include "lua/runner.hpp"
#include "lua/script.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace saker::lua {

using answer_value = std::variant<std::monostate, resp::value, exec_result,
                                  chore_result, failure>;

/// Either a sleeping task or a function to begin. Equal times keep order.
using timer_key = std::pair<time_point, std::uint64_t>;

/// A registered alias. Tasks keep it alive when it is replaced.
struct entry {
  command_spec spec;
  reference function;
  std::size_t tasks = 0;
  std::uint64_t runs = 0;
  std::uint64_t errors = 0;
  std::string last_error;
  std::chrono::nanoseconds run_time{0};
  std::optional<timer_key> timer; ///< of its next run
  bool held = false;              ///< its first run waits for the load
  error_fold fold;                ///< of the runs that nobody waits for
};

/// Memory of a state that the host holds: it counts until this is gone.
class held_memory {
public:
  held_memory() = default;

  held_memory(control& of, std::size_t size) : of_(&of), size_(size) {
    of.used += size;
  }

  held_memory(held_memory&& x) noexcept
    : of_(x.of_), size_(std::exchange(x.size_, 0)) {
    // nop
  }

  held_memory& operator=(held_memory&& x) noexcept {
    std::swap(of_, x.of_);
    std::swap(size_, x.size_);
    return *this;
  }

  ~held_memory() {
    if (size_ > 0)
      of_->used -= size_;
  }

private:
  control* of_ = nullptr;
  std::size_t size_ = 0;
};

/// Where a task stands.
enum class phase : std::uint8_t { fresh, ready, sleeping, waiting };

struct task {
  task_kind kind = task_kind::command;
  std::string alias;
  std::shared_ptr<entry> of; ///< null for `load`
  callback_id callback = 0;  ///< of a timer or message
  std::uint64_t missed = 0;  ///< messages before this one
  std::vector<std::string> arguments;
  resp::protocol dialect = resp::protocol::resp2;
  phase where = phase::fresh;
  thread coroutine; ///< empty while it is fresh, except for `load`
  request_id waits_for = 0;
  bool answered = false; ///< it waits, or waited, for `answer`
  answer_value answer;
  bool plainly = false; ///< how the answer is pushed
  held_memory request;  ///< while it waits
};

/// A timer or subscription. Its function runs as one task at a time.
struct callback {
  /// What a subscription has got and not yet begun.
  struct message {
    std::string channel;
    std::string text;
    std::uint64_t missed = 0; ///< before it

    std::size_t size() const noexcept {
      return channel.size() + text.size();
    }
  };

  std::shared_ptr<entry> of;         ///< its alias is for people
  std::chrono::nanoseconds every{0}; ///< after each end; 0: once
  std::optional<cron_clock> clock;   ///< of a schedule
  std::optional<timer_key> timer;
  std::deque<message> queue;
  bool subscribed = false; ///< a subscription
  bool running = false;
};

} // namespace saker::lua

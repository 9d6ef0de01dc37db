#pragma once

#include "io/crew.hpp"
#include "messages/script_actor.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace saker {

/// The chores of one actor: work that may block, done by threads for such
/// work, some at a time and the others in order. A thread that does not come
/// back in time is replaced; its answer is not waited for.
///
/// | the chore | event      | next                                         |
/// |-----------|------------|----------------------------------------------|
/// | waits     | a place    | under way                                    |
/// | waits     | its time,  | gone                                         |
/// |           | `forget`   |                                              |
/// | under way | it returns | `done`, then `ended` by the actor: gone      |
/// | under way | `forget`   | under way, and told to stop                  |
/// | under way | its time   | gone; the thread is replaced until it returns|
class chore_list {
public:
  using number = std::uint64_t;

  /// `threads` outlives it.
  chore_list(io::crew* threads, std::size_t at_once)
    : threads_(threads), at_once_(at_once) {
    // nop
  }

  chore_list(const chore_list&) = delete;
  chore_list& operator=(const chore_list&) = delete;

  /// Gives up all of them.
  ~chore_list();

  /// `done` is called on the thread, unless the chore was given up.
  void add(number id, lua::chore what, lua::time_point now,
           std::function<void(chore_answer)> done);

  /// Its answer has come.
  void ended(number id);

  /// Nobody waits for it any more.
  void forget(number id);

  /// Gives up those that have had their time, and tells which.
  std::vector<number> give_up_late(lua::time_point now);

  /// Nothing waits or is under way.
  bool empty() const noexcept {
    return deadlines_.empty();
  }

private:
  enum class place : std::uint8_t { thread, returned, nowhere };

  struct run {
    lua::chore what;
    std::function<void(chore_answer)> done;
    std::atomic<bool> stop{false};
    std::atomic<place> where{place::thread};
  };

  void start();
  void give_up(number id);
  void replace_thread(run& x);

  io::crew* threads_;
  std::size_t at_once_;
  std::map<number, lua::time_point> deadlines_;
  std::map<number, std::shared_ptr<run>> under_way_;
  std::deque<std::pair<number, std::shared_ptr<run>>> waiting_;
};

} // namespace saker

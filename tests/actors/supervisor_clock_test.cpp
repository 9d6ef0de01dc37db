#include "tests/support/supervisor_world.hpp"

#include <caf/actor_clock.hpp>

#include <csignal>
#include <type_traits>

namespace saker {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

// -- T-C8: the clock is set ----------------------------------------------------

// What the actors of a node go by.
static_assert(
  std::is_same_v<caf::actor_clock::clock_type, std::chrono::steady_clock>);
static_assert(caf::actor_clock::clock_type::is_steady);

/// A service that goes through every state with a timer, while somebody sets
/// the wall clock.
class clock_change_test : public test::supervisor_world {
protected:
  clock_change_test() {
    links->unix_ms = [this] {
      using std::chrono::milliseconds;
      auto real = coordinator().clock().now().time_since_epoch() + wall;
      return std::chrono::duration_cast<milliseconds>(real).count();
    };
    web->backoff.jitter = 0;
    web->spent.rest = 1min;
  }

  /// What happened, each with its time. The clock is set there and back by
  /// `jump` all the time.
  std::vector<std::string> walk(std::chrono::hours by) {
    jump = by;
    said.clear();
    last.clear();
    web->name += "x";
    key = web->name + "#0";
    begun = coordinator().clock().now();
    begin();
    look();
    pass(36s); // nobody answers: the start timeout
    keeper.fail_start(key, "timeout", ETIMEDOUT, "cgroup");
    settle();
    keeper.confirm(key); // started again at once
    order(event::stop{{"amy", 1}, 0, {}});
    pass(16s); // TERM 10s KILL, and then it is stuck
    keeper.die(key, SIGKILL);
    settle();
    look();
    order(event::start{{"amy", 1}, 0, {}});
    for (auto crashes = 0; at() != state::resting && crashes < 20; ++crashes) {
      while (at() == state::backoff)
        pass(10ms);
      keeper.confirm(key);
      settle();
      keeper.exit(key, 1);
      settle();
      look();
    }
    pass(61s); // of rest
    caf::anon_send_exit(uut, caf::exit_reason::user_shutdown);
    settle();
    return said;
  }

  void order(any_event what) {
    tell(uut, atom::change_v, std::move(what));
    look();
  }

  void pass(duration time) {
    for (auto end = coordinator().clock().now() + time;
         coordinator().clock().now() < end;) {
      wall = wall.count() == 0 ? jump : 0h;
      advance(10ms);
      look();
    }
  }

  state at() {
    return record.now.at(key).at;
  }

  /// Notes what has changed, to 10 ms.
  void look() {
    auto text = std::string{to_string(at())} + ", "
                + std::to_string(keeper.spawns) + " starts, "
                + std::to_string(keeper.signals.size()) + " signals";
    if (text == std::exchange(last, text))
      return;
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
      coordinator().clock().now() - begun);
    said.push_back(std::to_string(ms.count()) + " ms: " + text);
  }

  std::chrono::hours wall{0};
  std::chrono::hours jump{0};
  std::chrono::steady_clock::time_point begun;
  std::string key;
  std::string last;
  std::vector<std::string> said;
};

TEST_F(clock_change_test, t_c8_no_timer_moves_when_the_clock_is_set_by_a_day) {
  auto undisturbed = walk(0h);
  auto has = [&](const std::string& text) {
    return std::any_of(undisturbed.begin(), undisturbed.end(), [&](auto& x) {
      return x.find(text) != std::string::npos;
    });
  };
  for (auto text :
       {"starting", "stopping", "stuck", "stopped", "backoff", "resting"})
    EXPECT_TRUE(has(text)) << text;
  EXPECT_NE(undisturbed.back().find("starting"), std::string::npos);
  for (auto by : {24h, -24h}) {
    keeper.spawns = 0;
    keeper.signals.clear();
    EXPECT_EQ(walk(by), undisturbed);
  }
}

} // namespace
} // namespace saker

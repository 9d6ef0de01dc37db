// Random walks: a machine between a world that does what a keeper does, and
// people who press every button. Nothing of what must hold may ever break.

#include "supervision/machine.hpp"
#include "tests/supervision/machine_driver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace saker::supervision {
namespace {

using namespace test;

class walker : public machine_driver {
public:
  explicit walker(unsigned seed) : random_(seed) {
    auto x = plain();
    x.exit.set("0", {decision::action::done, {}});
    x.exit.set("78", {decision::action::fatal, {}});
    x.exit.set("SIGSEGV", {decision::action::restart, 5s});
    x.spent.rest = 20s;
    if (seed % 2 == 0) {
      x.before.commands = x.after.commands = {{"/bin/true"}};
      x.on_failed.commands = {{"/bin/true"}};
    }
    make(x);
    wake();
    look_around();
  }

  void step() {
    switch (random_() % 20) {
      case 0: start(ask(), wait()); break;
      case 1: stop(ask(), wait()); break;
      case 2: tell(event::restart{{}, ask(), wait(), coin()}); break;
      case 3: tell(event::signal{SIGHUP, kill_scope::leader, ask()}); break;
      case 4: tell(event::reset{ask()}); break;
      case 5: tell(event::wait{{any_state()}, 3s, ask()}); break;
      case 6: change(); break;
      case 7: tell(event::weak{}); break;
      case 8:
        tell(coin() ? any_event{event::ready{}}
                    : any_event{event::unhealthy{}});
        break;
      case 9: tell(event::unready{}); break;
      case 10: tell(event::timer{random_() % (epoch + 2)}); break;
      case 11: node_dies(); break;
      case 13: press_rare_button(); break;
      case 12:
        advance(duration{static_cast<std::int64_t>(
          random_() % std::uint64_t{20'000'000'000})});
        break;
      default: world_moves(); break;
    }
    look_around();
  }

  /// Lets everything come to rest: no more commands, an obedient child.
  void settle() {
    for (auto i = 0; i < 100; ++i) {
      if (hook_ != 0)
        end_hook(false);
      else if (child_ != 0 && !confirmed_)
        confirm();
      else if (look().paused)
        tell(event::cont{});
      else if (child_ != 0 && at() == state::stopping)
        die(cause::signaled(SIGTERM));
      else if (at() == state::stuck)
        die(cause::signaled(SIGKILL));
      else
        advance(1s);
      look_around();
    }
  }

  bool wanted() const {
    return uut->snapshot(now).wanted_up;
  }

  bool dropped() const {
    return uut->snapshot(now).dropped;
  }

  std::set<ticket> asked;

private:
  bool coin() {
    return random_() % 2 == 0;
  }

  ticket ask() {
    asked.insert(++last_ticket_);
    return last_ticket_;
  }

  std::optional<duration> wait() {
    if (coin())
      return std::nullopt;
    return duration{static_cast<std::int64_t>(random_() % 5'000'000'000)};
  }

  state any_state() {
    return static_cast<state>(random_() % state_count);
  }

  void press_rare_button() {
    switch (random_() % 6) {
      case 0: tell(event::pause{{"eve", 1}, ask()}); break;
      case 1: tell(event::cont{ask()}); break;
      case 2: tell(event::reload{ask(), wait()}); break;
      case 3: tell(event::reloaded{coin(), "told"}); break;
      case 4: tell(event::drop{{"eve", 1}, ask()}); break;
      default: tell(event::check{ask()});
    }
  }

  void change() {
    auto x = uut->definition();
    x.reload.reset();
    if (coin())
      x.reload = {{coin() ? SIGHUP : 0, {"reload"}}};
    x.budget.count = static_cast<std::uint32_t>(random_() % 6);
    if (coin())
      x.stop = *parse_ladder(coin() ? "INT" : "TERM 1s HUP 2s KILL");
    tell(event::change{std::make_shared<const service>(x), coin()});
  }

  /// What a keeper would report next.
  void world_moves() {
    if (hook_ != 0)
      return end_hook(random_() % 4 == 0);
    if (child_ == 0)
      return;
    if (!confirmed_ && random_() % 4 == 0)
      fail();
    else if (!confirmed_)
      confirm();
    else if (coin())
      die(random_cause());
  }

  void end_hook(bool badly) {
    auto id = std::exchange(hook_, 0);
    tell(event::hook_ended{id, badly ? cause::exited(1) : cause{}, "x"});
  }

  cause random_cause() {
    switch (random_() % 6) {
      case 0: return cause::exited(0);
      case 1: return random_() % 8 == 0 ? cause::exited(78) : cause::exited(1);
      case 2: return cause::signaled(SIGSEGV, true);
      case 3: return {cause::kind::oom, SIGKILL, false};
      case 4: return {cause::kind::unknown, 0, false};
      default: return cause::exited(2);
    }
  }

  void confirm() {
    confirmed_ = true;
    tell(event::spawned{child_, pid++, {}});
  }

  void fail() {
    auto id = std::exchange(child_, 0);
    auto error = random_() % 3 == 0 ? EAGAIN : ENOENT;
    tell(event::refused{id, "exec", static_cast<int>(error), "/x"});
  }

  void die(cause why) {
    auto id = std::exchange(child_, 0);
    if (id != 0)
      tell(event::exited{id, why, {++ids, 0}, {}, 0});
  }

  /// The node is killed and started again; sometimes the child or the record
  /// of its end is all that the keeper has to tell.
  void node_dies() {
    auto definition = uut->definition();
    auto bytes = encode(kept, now, 5s);
    ASSERT_LE(bytes.size(), note::max_size);
    auto wanted_up = wanted();
    auto dropped = look().dropped;
    for (auto x : asked) // the clients are gone with the node
      if (!answers.contains(x))
        answers.emplace(x, effect::answer{});
    make(definition);
    hook_ = 0;
    memory x;
    x.kept = *decode(bytes, 5s);
    x.wanted_up = wanted_up;
    x.dropped = dropped;
    x.spawn_id = child_;
    auto ended = child_ != 0 && random_() % 4 == 0;
    if (ended)
      x.present = memory::child::ended;
    else if (child_ != 0)
      x.present = confirmed_ ? memory::child::running : memory::child::spawning;
    x.pid = confirmed_ && !ended ? kept.pid : 0;
    wake(x);
    if (ended && confirmed_)
      die(cause::exited(3));
    else if (ended)
      fail();
  }

  void look_around() {
    for (auto id : spawns) {
      ASSERT_EQ(child_, 0u) << "a second child";
      ASSERT_GT(id, last_spawn_) << "numbers must grow";
      child_ = last_spawn_ = id;
      confirmed_ = false;
    }
    spawns.clear();
    look_at_hooks();
    if (uut->gone()) {
      ASSERT_EQ(child_, 0u);
      return;
    }
    ASSERT_EQ(has_child(at()), child_ != 0 || hook_ != 0) << to_string(at());
    ASSERT_TRUE(child_ == 0 || hook_ == 0);
    ASSERT_TRUE(note_came_first);
    ASSERT_EQ(answered_twice, 0);
    ASSERT_EQ(look().pid != 0, child_ != 0 && confirmed_);
    ASSERT_TRUE(!look().ready || at() == state::running);
    // States that wait for a time have one, the others have none.
    auto timed = at() == state::waiting || at() == state::starting
                 || at() == state::stopping || at() == state::backoff
                 || at() == state::resting;
    ASSERT_EQ(look().next_at.has_value(), timed) << to_string(at());
    if (timed) {
      ASSERT_TRUE(armed && *armed <= *look().next_at);
    }
    if (!wanted()) {
      ASSERT_TRUE(at() != state::backoff && at() != state::resting
                  && at() != state::waiting
                  && (at() != state::running || look().dropped));
    }
    ASSERT_TRUE(!look().dropped || !wanted());
    ASSERT_TRUE(!look().paused || (has_child(at()) && !look().ready));
    auto noted = kept;
    auto present = uut->remembered(now);
    noted.marks = present.marks; // these only grow old
    ASSERT_EQ(noted, present) << "something was not noted";
    said.clear();
    told.clear();
    signals.clear();
  }

  void look_at_hooks() {
    for (auto id : killed_hooks) { // nobody waits for `after` any more
      if (id == hook_ && is_after_)
        hook_ = 0;
      std::erase_if(hooks, [&](auto& x) {
        return x.id == id && x.which == hook_kind::after;
      });
    }
    for (auto& x : hooks) {
      if (x.which == hook_kind::on_failed)
        continue;
      ASSERT_EQ(std::exchange(hook_, x.id), 0u) << "a second hook";
      is_after_ = x.which == hook_kind::after;
    }
    hooks.clear();
    killed_hooks.clear();
  }

  std::mt19937_64 random_;
  std::uint64_t child_ = 0; ///< that the keeper has
  std::uint64_t hook_ = 0;  ///< `before` or `after` that runs
  bool is_after_ = false;
  bool confirmed_ = false;
  std::uint64_t last_spawn_ = 0;
  ticket last_ticket_ = 0;
};

class machine_walk_test : public testing::TestWithParam<unsigned> {
protected:
  machine_walk_test() : uut(GetParam()) {
    // nop
  }

  void walk() {
    for (auto i = 0; i < 1000; ++i) {
      uut.step();
      if (HasFatalFailure())
        FAIL() << "in step " << i << ", state " << to_string(uut.at());
    }
  }

  void settle() {
    uut.settle();
    if (HasFatalFailure())
      FAIL() << "while settling";
    for (auto x : uut.asked)
      EXPECT_TRUE(uut.answers.contains(x)) << "nobody answered " << x;
    EXPECT_FALSE(uut.armed) << "something ticks though all is quiet";
  }

  bool ends_in(std::initializer_list<state> states) {
    return std::find(states.begin(), states.end(), uut.at()) != states.end();
  }

  walker uut;
};

TEST_P(machine_walk_test, ends_as_was_last_wanted) {
  walk();
  auto wanted = uut.wanted();
  settle();
  if (wanted) {
    EXPECT_TRUE(
      ends_in({state::running, state::sick, state::done, state::failed})
      || (uut.at() == state::stopped && uut.kept.idle))
      << to_string(uut.at());
  } else if (!uut.dropped()) {
    EXPECT_TRUE(ends_in({state::stopped, state::done, state::failed}))
      << to_string(uut.at());
  }
}

TEST_P(machine_walk_test, ends_forgotten_when_removed) {
  walk();
  uut.tell(event::remove{});
  settle();
  EXPECT_TRUE(uut.uut->gone());
  EXPECT_EQ(uut.forgotten, 1);
}

TEST_P(machine_walk_test, ends_without_a_child_at_shutdown) {
  walk();
  auto wanted = uut.wanted();
  uut.tell(event::shutdown{});
  uut.tell(event::hurry{1s});
  settle();
  EXPECT_TRUE(ends_in({state::stopped, state::done, state::failed}))
    << to_string(uut.at());
  EXPECT_EQ(uut.wanted(), wanted);
}

INSTANTIATE_TEST_SUITE_P(seeds, machine_walk_test, testing::Range(1u, 11u));

} // namespace
} // namespace saker::supervision

#pragma once

#include "messages/atoms.hpp"
#include "messages/error.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <optional>
#include <tuple>
#include <vector>

namespace saker::test {

/// One actor system without threads, without sockets and without a clock of
/// its own. Messages move when the test calls `settle()`; time moves when the
/// test calls `advance()`; nothing else moves.
class actor_test : public ::testing::Test {
protected:
  actor_test() : sys(configure(cfg_)), self(sys, true) {
    // A zero clock hides "not set" bugs.
    coordinator().clock().current_time += std::chrono::hours(1);
    settle();
    baseline_ = sys.registry().running();
  }

  /// Ends the spawned actors while everything they point to is still alive,
  /// then demands that nothing else is left. A leak fails the test instead of
  /// hanging it.
  void TearDown() override {
    for (auto& x : spawned_)
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    spawned_.clear();
    settle();
    sys.await_actors_before_shutdown(false);
    EXPECT_EQ(sys.registry().running(), baseline_) << "leaked actors";
  }

  /// Spawns `fun`, lets it initialize and ends it after the test.
  template <class F, class... Ts>
  auto spawn(F fun, Ts&&... xs) {
    auto hdl = sys.spawn(fun, std::forward<Ts>(xs)...);
    spawned_.emplace_back(caf::actor_cast<caf::strong_actor_ptr>(hdl));
    settle();
    return hdl;
  }

  /// Delivers messages until no mailbox has any left.
  void settle() {
    for (auto n = 0; n < 100'000; ++n)
      if (!coordinator().try_run_once() && !run_elsewhere())
        return;
    ADD_FAILURE() << "the actors never fall silent";
  }

  /// Lets `dt` pass. Timers fire one by one in their order, each at its own
  /// time and with what it causes, also those that were armed on the way.
  template <class Duration>
  void advance(Duration dt) {
    auto& clock = coordinator().clock();
    auto end = clock.now() + dt;
    auto& timers = clock.schedule();
    while (!timers.empty() && timers.begin()->first <= end) {
      auto due = timers.begin()->first;
      clock.advance_time(std::max(due, clock.now()) - clock.now());
      settle();
    }
    clock.advance_time(end - clock.now());
    settle();
  }

  template <class Handle, class... Ts>
  void tell(const Handle& hdl, Ts... xs) {
    self->send(hdl, std::move(xs)...);
    settle();
  }

  /// Requests and returns the answer, `T` = void where it is empty; a missing
  /// answer is an error, not a hang. Other messages to `self` stay there.
  template <class T, class Handle, class... Ts>
  caf::expected<T> ask(const Handle& hdl, Ts... xs) {
    auto id = self->request(hdl, caf::infinite, std::move(xs)...).id();
    settle();
    if (auto x = answer<T>(id))
      return std::move(*x);
    ADD_FAILURE() << "no answer";
    return caf::make_error(caf::sec::request_timeout);
  }

  /// The answer to the request of that id, if it is there.
  template <class T>
  std::optional<caf::expected<T>> answer(caf::message_id id) {
    auto found = take([id](caf::mailbox_element& x) {
      return x.mid.integer_value() == id.integer_value();
    });
    if (!found)
      return std::nullopt;
    return unpack<T>(found->move_content_to_message());
  }

  /// The next message of these types that was sent to `self`, if any:
  /// `auto x = heard<atom::tell, std::string>();`
  template <class... Ts>
  std::optional<std::tuple<Ts...>> heard() {
    auto found = take([](caf::mailbox_element& x) {
      return x.mid.is_async() && x.content().match_elements<Ts...>();
    });
    if (!found)
      return std::nullopt;
    return as_tuple<Ts...>(found->move_content_to_message(),
                           std::index_sequence_for<Ts...>{});
  }

  caf::scheduler::test_coordinator& coordinator() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  }

  /// What else moves in this test when no actor does: fake threads. Says
  /// whether anything moved.
  virtual bool run_elsewhere() {
    return false;
  }

private:
  /// Takes the first message to `self` for which `wanted` holds.
  template <class Predicate>
  caf::mailbox_element_ptr take(Predicate wanted) {
    caf::mailbox_element_ptr found;
    std::deque<caf::mailbox_element_ptr> others;
    while (!self->mailbox().empty()) {
      auto x = self->dequeue();
      if (!found && wanted(*x))
        found = std::move(x);
      else
        others.push_back(std::move(x));
    }
    for (auto& x : others)
      self->enqueue(std::move(x), nullptr);
    return found;
  }

  template <class T>
  static caf::expected<T> unpack(caf::message x) {
    if (x.match_elements<caf::error>())
      return x.get_as<caf::error>(0);
    if constexpr (std::is_void_v<T>) {
      if (x.empty())
        return {};
    } else if constexpr (std::is_same_v<T, caf::unit_t>) {
      if (x.empty()) // so CAF sends it
        return caf::unit;
    } else if (x.match_elements<T>()) {
      return x.get_mutable_as<T>(0);
    }
    ADD_FAILURE() << "an answer of another type: " << caf::to_string(x);
    return caf::make_error(caf::sec::unexpected_response);
  }

  template <class... Ts, std::size_t... Is>
  static std::tuple<Ts...>
  as_tuple(caf::message x, std::index_sequence<Is...>) {
    return {x.get_as<Ts>(Is)...};
  }

  static caf::actor_system_config& configure(caf::actor_system_config& cfg) {
    cfg.add_message_types<caf::id_block::saker>();
    cfg.add_error_category(caf::atom("saker"), render);
    cfg.set("scheduler.policy", caf::atom("testing"));
    cfg.set("logger.file-verbosity", caf::atom("quiet"));
    return cfg;
  }

  caf::actor_system_config cfg_;

protected:
  caf::actor_system sys;
  caf::scoped_actor self;

private:
  std::vector<caf::strong_actor_ptr> spawned_;
  std::size_t baseline_ = 0;
};

} // namespace saker::test

#pragma once

#include "supervision/backoff.hpp"
#include "supervision/budget.hpp"
#include "supervision/effect.hpp"
#include "supervision/event.hpp"
#include "supervision/explanation.hpp"
#include "supervision/note.hpp"
#include "supervision/restart_limit.hpp"
#include "supervision/service.hpp"
#include "supervision/spawn_numbers.hpp"
#include "supervision/states.hpp"
#include "supervision/status.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace saker::supervision {

/// What is known about an instance when its machine comes to life.
struct memory {
  enum class child : std::uint8_t {
    none,     ///< the keeper has no child and no record of an end
    spawning, ///< forked, exec not confirmed
    running,
    ended, ///< an end is recorded: event::exited or refused is told next
  };

  std::optional<note> kept; ///< the note, if there is one that can be read
  bool wanted_up = true;
  bool dropped = false; ///< left alone; then it is not wanted up
  stamp wanted_by;

  child present = child::none;
  std::uint64_t spawn_id = 0; ///< of `present`
  std::int32_t pid = 0;
  std::optional<time_point> started;
  bool adopted = false; ///< taken over by a new keeper
};

/// The life of one instance, without the world: it is told what happened and
/// says what to do. What is wanted (up or down) and what is (the state) are
/// kept apart; react() in states.hpp is the total table between them.
///
///   auto todo = machine.on(event::exited{id, cause::exited(1), number}, now);
///   for (auto& x : todo) std::visit(…, x);   // in this order
///
/// One owner, one thread. Fails: never; commands that cannot be carried out
/// are answered `refused`.
class machine {
public:
  /// How long a child lives after exec before a start counts as successful.
  static constexpr auto probation = std::chrono::milliseconds{100};

  /// The longest wait for the answer to a start without `wait`.
  static constexpr auto patience = std::chrono::seconds{5};

  /// After the last rung of a ladder; then the instance is stuck.
  static constexpr auto grace = std::chrono::seconds{5};

  /// The start timeout is the keeper's affair, who knows which step hangs; only
  /// if it says nothing for so much longer the machine kills the child itself.
  static constexpr auto head_start = std::chrono::seconds{1};

  /// How many ends are remembered for those who ask why.
  static constexpr std::size_t ends_kept = 5;
  /// How long a reload command may take if nobody says how long.
  static constexpr auto reload_patience = std::chrono::seconds{10};

  /// A child that ends well within this time and leaves processes behind has
  /// gone into the background.
  static constexpr auto background = std::chrono::seconds{10};

  /// The shortest wait after a start that failed for lack of resources.
  static constexpr auto famine = std::chrono::seconds{1};

  /// How often the clock on the wall is looked at while a time of `cron` is
  /// waited for: somebody may set it, or the machine may sleep.
  static constexpr auto glance = std::chrono::minutes{1};

  /// Shared by all machines of a node; both outlive the machine.
  struct surroundings {
    spawn_numbers* numbers = nullptr;
    restart_limit* restarts = nullptr;
    wall_clock clock = {}; ///< needed where something has a schedule
  };

  /// `seed` makes the jitter of this instance its own.
  machine(std::shared_ptr<const service> definition, std::uint32_t index,
          surroundings world, std::uint64_t seed);

  /// The first call, once: at the first start, and after a death of the node
  /// with what the keeper kept.
  effects wake(const memory& x, time_point now);

  /// Every later call.
  effects on(const any_event& x, time_point now);

  /// The snapshot for SVSTATUS.
  status snapshot(time_point now) const;

  /// The same and more, for SVWHY.
  explanation explain(time_point now) const;

  state at() const noexcept {
    return note_.at;
  }

  /// What the keeper would get now.
  note remembered(time_point now) const;

  const service& definition() const noexcept {
    return *definition_;
  }

  const instance& who() const noexcept {
    return who_;
  }

  /// The process of the present child, else 0.
  std::int32_t pid() const noexcept {
    return note_.pid;
  }

  /// The number of the last child.
  std::uint64_t spawn_id() const noexcept {
    return note_.spawn_id;
  }

  /// Forgotten: the owner may drop it.
  bool gone() const noexcept {
    return gone_;
  }

private:
  /// Somebody who waits for something.
  struct waiter {
    enum class goal : std::uint8_t {
      lived,    ///< the child has lived through its probation
      up,       ///< … and is ready
      steady,   ///< … without an early end
      down,     ///< no child is left
      in,       ///< one of `states`
      reloaded, ///< the reload command has ended
    };

    ticket asker = 0;
    goal what = goal::lived;
    time_point until;
    std::vector<state> states;
  };

  /// Is it a child that is waited for?
  static bool is_start(waiter::goal x) noexcept {
    return x == waiter::goal::lived || x == waiter::goal::up
           || x == waiter::goal::steady;
  }

  /// The end of a child, as it was told.
  struct ending {
    cause why;
    std::string detail; ///< of a start that failed
    event_id id;
    std::optional<duration> uptime;
    std::uint32_t orphans = 0;
    bool ran = true; ///< exec had succeeded, or might have
    std::uint32_t spared = 0;
  };

  // one of these per kind of event: intents and tickets, then the table
  void take(const event::start& x);
  void take(const event::stop& x);
  void take(const event::restart& x);
  void take(const event::signal& x);
  void take(const event::reset& x);
  void take(const event::wait& x);

  // machine_orders.cpp
  void take(const event::pause& x);
  void take(const event::cont& x);
  void take(const event::reload& x);
  void take(const event::reloaded& x);
  void take(const event::drop& x);
  void take(const event::check& x);
  void take(const event::change& x);
  void take(const event::remove& x);
  void take(const event::shutdown& x);
  void take(const event::hurry& x);
  void take(const event::spawned& x);
  void take(const event::moved& x);
  void take(const event::absent& x);
  void take(const event::refused& x);
  void take(const event::exited& x);
  void take(const event::ready& x);
  void take(const event::unready& x);
  void take(const event::weak& x);
  void take(const event::unhealthy& x);
  void take(const event::hook_ended& x);
  void take(const event::timer& x);

  // reactions (machine_reactions.cpp)
  void launch();
  void retry();
  void end(bool again);
  void retire();
  void go();
  void leave();
  void take_on();
  void pass_signal();
  void note_child();
  void become_ready();
  void give_up_on();
  void overdue();
  void compress();
  void next_rung();
  void climb();
  void send(int number, kill_scope scope);
  void take_turn();
  void spawn_child(bool automatic);
  void ask_for_child();

  // reactions (machine_orders.cpp)
  void refuse(std::string why);
  void forgive();
  void lapse();
  void hold();
  void go_on();
  void renew();
  void let_be();
  void resume();
  void look_after(const stamp& who, bool up);
  bool as_wanted() const;

  /// Does what checks say count?
  bool watched() const noexcept {
    return !note_.paused && !note_.dropped;
  }

  // ends (machine_ends.cpp)
  void judge();
  void settle();
  void conclude();
  void bury(const cause& why);
  void remember_end(const cause& why);
  void decide(const cause& why);
  void restart_after(const judgement& verdict, const cause& why);
  void spend(const cause& why);
  void shut_down(const cause& why);
  std::string told(const cause& why) const;
  bool daemonised(const cause& why) const;
  bool asked_for() const;

  // hooks (machine_hooks.cpp)
  bool run(hook_kind which);
  bool clear_up(const cause& pending);
  void cleared();
  void kill_hook();
  void give_up_before();
  void tell_failed_after(const event::hook_ended& x);

  /// `before` runs, `after` runs.
  bool preparing() const noexcept {
    return hook_ && hook_->which == hook_kind::before;
  }
  bool clearing() const noexcept {
    return hook_ && hook_->which == hook_kind::after;
  }

  // helpers
  void happens(stimulus x);
  void perform(reaction x);
  void enter(state next, std::optional<time_point> deadline = {});
  void announce(std::string_view name, state from, state to);
  void clear_failures();
  std::optional<time_point> retirement();

  // schedules (machine_schedule.cpp)
  void await_time();
  void rise();
  void look_at_clock();
  void reschedule();
  bool is_over(const cause& why) const;
  std::optional<time_point> turnover();
  double random();

  /// Shall there be a child?
  bool wanted() const noexcept {
    return note_.wanted_up && !closing_ && !note_.leaving;
  }

  // tickets (machine_tickets.cpp)
  void expect(ticket asker, waiter::goal what, duration longest,
              std::vector<state> states = {});
  void answer(ticket asker, outcome code, std::string text,
              bool with_output = false);
  void fail_starts(const std::string& why);
  void fail_impatient_starts(const std::string& why);
  void tell_ended();
  void settle_waiters();
  std::optional<std::pair<outcome, std::string>> fate(const waiter& x) const;
  std::string present_text(std::string_view said = {}) const;
  std::string next_step() const;
  std::string wish_text() const;
  std::string next_rung_text() const;

  // the frame of every call
  void begin(time_point now);
  effects finish();
  void complete_announcements();
  void rearm();

  // the first call (machine_wake.cpp)
  void recall(const note& x);
  void wake_with_child(const memory& x);
  void wake_without_child();
  void reconcile(bool wanted_before);

  std::shared_ptr<const service> definition_;
  instance who_;
  surroundings world_;
  std::uint64_t random_;

  note note_; ///< without marks and backoff_step, which live in these two
  budget budget_;
  backoff backoff_;
  ladder ladder_; ///< the one that is being climbed
  stamp wanted_by_;
  std::vector<waiter> waiters_;
  std::vector<past_end> ends_; ///< newest last
  bool closing_ = false;       ///< Saker ends
  bool reloading_ = false;     ///< the reload command runs
  bool gone_ = false;
  bool forgotten_ = false; ///< the owner was told
  double haste_ = 1;       ///< share of the ladder's waits that is left

  /// `before` or `after`, while the child waits for it.
  struct running_hook {
    hook_kind which = hook_kind::before;
    std::uint64_t id = 0;
  };
  std::optional<running_hook> hook_;
  std::uint64_t last_hook_ = 0;
  ending held_end_; ///< what `after` comes after

  bool scheduled_ = false;             ///< `waiting` is for a time
  std::optional<time_point> began_;    ///< the last run
  std::optional<appointment> planned_; ///< the next one
  std::optional<cron::time_point>
    kept_time_; ///< the time for which the last one was

  std::uint64_t epoch_ = 0;
  std::optional<time_point> armed_;
  std::optional<note> kept_; ///< what the keeper has

  // of the present call only
  time_point now_{};
  effects todo_;
  cause why_; ///< shown in what is announced
  std::string row_;
  ending end_;
  event::spawned arrival_;
  event::signal signal_;
  ticket asker_ = 0;  ///< of signal, pause, cont, reload
  stamp who_asks_;    ///< of pause, drop, reset
  std::string order_; ///< why it ends to be started again: restart, change
  duration patience_{};
  duration left_{};
  cause blame_;      ///< of give_up_on
  std::string late_; ///< of overdue: what is known beyond the cause
  std::shared_ptr<const service> offered_;
};

} // namespace saker::supervision

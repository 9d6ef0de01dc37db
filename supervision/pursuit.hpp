#pragma once

#include "process/daemon_search.hpp"
#include "supervision/time.hpp"

#include <optional>
#include <string>
#include <variant>

namespace saker::supervision {

/// What to do next for the sake of a daemon's process.
namespace pursuit_step {

/// Look for it, after this time.
struct look {
  duration in{};
};

/// Ask the keeper to take it. `needs_kin`: if it descends from the service.
struct adopt {
  process::proc_entry who;
  bool needs_kin = false;
};

/// Nobody is there: start the program. `warning` tells who was not taken for
/// it; may be empty.
struct launch {
  std::string warning;
};

/// It must not be started.
struct refuse {
  std::string why;
};

/// It did not appear in time.
struct absent {
  std::string why;
};

/// Nobody followed the process that ended: that was its end. `warning` tells
/// who was not taken for it; may be empty.
struct give_up {
  std::string warning = {};
};

} // namespace pursuit_step

using any_pursuit_step
  = std::variant<pursuit_step::look, pursuit_step::adopt, pursuit_step::launch,
                 pursuit_step::refuse, pursuit_step::absent,
                 pursuit_step::give_up>;

/// The search for the process of one daemon, without the world: it is told
/// what was found and says what to do.
///
/// | phase    | asks                    | found  | nobody or refused | several |
/// |----------|-------------------------|--------|-------------------|---------|
/// | idle     | nothing                 | —      | —                 | —       |
/// | before   | does it run already?    | adopt  | launch            | refuse  |
/// | launched | has it come up?         | adopt  | look again, until | the     |
/// |          |                         |        | the time is over  | same    |
/// | after    | has another followed?   | adopt  | look three times, | the     |
/// |          |                         |        | then give up      | same    |
///
/// While the program still runs only the program itself is adopted: what it
/// has started so far need not be what it will be.
class pursuit {
public:
  enum class phase { idle, before, launched, after };

  /// By file it is looked for more often: that costs much less than a walk
  /// over all processes.
  explicit pursuit(bool by_file = true) : by_file_(by_file) {
    // nop
  }

  phase at() const noexcept {
    return phase_;
  }

  /// What a start waits for, as a part of a sentence: empty where it does not
  /// wait for a daemon to come up.
  std::string awaited() const;

  /// A start is wanted.
  any_pursuit_step before_start();

  /// The program runs, as `program`, which has until then.
  any_pursuit_step launched(std::int32_t program, time_point until);

  /// The program has left (phase launched), or the daemon's process ended.
  any_pursuit_step left();

  /// What a look found.
  any_pursuit_step found(const process::finding& x, time_point now);

  /// The keeper did not take the one that was found.
  any_pursuit_step not_taken(const std::string& why, time_point now);

  /// It is over, one way or the other.
  void rest() noexcept {
    phase_ = phase::idle;
  }

private:
  bool may_be(const process::finding& x) const;
  any_pursuit_step nobody(const process::finding& x, time_point now);
  duration pause();

  bool by_file_;
  phase phase_ = phase::idle;
  bool program_left_ = false;
  std::int32_t program_ = 0;
  time_point until_{};
  duration pause_{};
  int tries_ = 0;
  std::string doubt_; ///< about the one that the keeper was asked to take
  std::string seen_;  ///< what the last look said, in phase launched
};

} // namespace saker::supervision

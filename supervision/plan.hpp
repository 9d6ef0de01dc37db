#pragma once

#include "supervision/service.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace saker::supervision {

/// All services by name.
using service_set = std::map<std::string, std::shared_ptr<const service>>;

/// What a changed key asks for.
enum class change_class : std::uint8_t {
  live,    ///< in force at once, the child runs on
  restart, ///< the child has to be started again
};

/// One key that differs.
struct key_change {
  std::string key; ///< as written in a definition
  change_class needs = change_class::live;

  bool operator==(const key_change&) const = default;
};

/// The keys in which two definitions differ, in the order of the manual. Where
/// they stand (file and line) is no difference. `env_file` is live where the
/// same is said by other files. `log` is live except where the
/// child's pipes change: logging turned on or off, or `split`.
std::vector<key_change> compare(const service& before, const service& after);

/// What an apply would do.
struct plan {
  enum class action : std::uint8_t { add, live, restart, remove };

  struct entry {
    std::string name;
    action what = action::add;
    std::vector<key_change> keys;   ///< of live and restart
    std::uint32_t count_before = 0; ///< instances
    std::uint32_t count_after = 0;
    place where; ///< of the new definition; of the old one for `remove`

    bool operator==(const entry&) const = default;
  };

  std::vector<entry> entries; ///< by name; what does not change is not here
  std::size_t unchanged = 0;

  bool empty() const noexcept {
    return entries.empty();
  }
};

std::string_view to_string(plan::action x) noexcept;

/// The difference between what is in force and what shall be.
plan make_plan(const service_set& before, const service_set& after);

/// How many children a plan ends.
struct impact {
  std::size_t running = 0; ///< children now
  std::size_t ended = 0;   ///< of these, removed or restarted

  /// Over half of what runs, and more than five: somebody should say FORCE.
  bool needs_force() const noexcept {
    return ended > 5 && ended * 2 > running;
  }
};

/// Weighs a plan. `runs(name, index)` tells whether that instance has a child.
impact weigh(const plan& x, const service_set& before,
             const std::function<bool(std::string_view, std::uint32_t)>& runs);

/// `restart api (exec, env)`; `live api (count 2 to 4)`; `add db`.
std::string to_string(const plan::entry& x);

} // namespace saker::supervision

#pragma once

#include "actors/connection.hpp"
#include "io/crew.hpp"
#include "lua/script.hpp"
#include "messages/job_actor.hpp"

#include <functional>
#include <memory>
#include <string>

namespace saker {

/// What a script may have waiting for it.
struct mail_limits {
  std::size_t messages = 1'000;
  std::size_t bytes = std::size_t{1} << 20; ///< of channels and texts
};

/// What all scripts of a node share. Outlives them. Functions: any thread.
struct script_links {
  shared_links connections;
  /// Spawns a JOB.
  std::function<job_actor()> job;
  std::function<void(lua::log_level, const std::string&)> log;
  /// Of the engine: memory, paths, time budget.
  lua::script_options options;
  /// The script threads; owned by node/.
  io::crew* threads = nullptr;
  /// Threads for work that may block; owned by node/.
  io::crew* chores = nullptr;
  mail_limits mail;
  /// Publishes an event of a script's own; its id as text. Any thread.
  std::function<std::string(const std::string& file, const std::string& name,
                            const std::string& json)>
    emit;
  std::function<lua::time_point()> now = std::chrono::steady_clock::now;
};

using shared_script_links = std::shared_ptr<const script_links>;

} // namespace saker

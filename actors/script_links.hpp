#pragma once

#include "actors/connection.hpp"
#include "io/crew.hpp"
#include "lua/script.hpp"
#include "messages/job_actor.hpp"

#include <functional>
#include <memory>
#include <string>

namespace saker {

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
  std::function<lua::time_point()> now = std::chrono::steady_clock::now;
};

using shared_script_links = std::shared_ptr<const script_links>;

} // namespace saker

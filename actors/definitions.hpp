#pragma once

#include "actors/applied.hpp"
#include "lua/definition.hpp"
#include "messages/definitions_actor.hpp"
#include "process/daemon_search.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace saker {

/// Who is these daemons now? May be empty; takes a walk over all processes.
using daemon_look = std::function<std::vector<process::finding>(
  const std::vector<process::daemon_rule>&)>;

/// Of daemons that are known by an expression alone: which expressions fit
/// several processes now, or none so far.
std::vector<std::string>
warnings_of_daemons(const supervision::service_set& all,
                    const daemon_look& look);

/// Reads definition files and turns them into data.
class definition_reader {
public:
  definition_reader(std::filesystem::path dir,
                    const std::filesystem::path& state_dir,
                    lua::definition_options options);

  /// What counts after a crash: the texts that were accepted last. Fails:
  /// `not_found` if there are none, as applied::read.
  result<evaluation> applied_ones();

  /// Reads the files of the directory (`only` these names, if any are given;
  /// the others count as accepted last) and evaluates everything. A file with
  /// an error counts as it was accepted last; without such a past it counts as
  /// empty. So does one that clashes with what then counts.
  evaluation read(const std::vector<std::string>& only);

  /// Lets `read` add warnings_of_daemons().
  void look_by(daemon_look look) {
    look_ = std::move(look);
  }

  /// From now on these texts count after a crash.
  result<void> store(const evaluation& what);

private:
  using sources = std::vector<source>;

  evaluation evaluate(sources chosen, std::vector<std::string> errors,
                      const daemon_look& look);
  result<std::string> read_for(const source* asking, const std::string& path);

  std::filesystem::path dir_;
  applied applied_;
  lua::definition_options options_;
  daemon_look look_;
};

/// What the DEFINITIONS is given at the start.
using shared_reader = std::shared_ptr<definition_reader>;

/// The DEFINITIONS. Runs on a script thread: it reads files and runs Lua.
///
/// | message         | reply        | meaning                                 |
/// |-----------------|--------------|-----------------------------------------|
/// | `load`, names   | `evaluation` | read and evaluate                       |
/// | `apply`, what   | `unit`       | that is accepted                        |
///
/// Fails: `apply` with `errc::io`. Quits: never by itself. Time: none.
definitions_actor::behavior_type
definitions(definitions_actor::pointer self, shared_reader reader);

} // namespace saker

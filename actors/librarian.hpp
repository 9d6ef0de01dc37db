#pragma once

#include "actors/alias_holders.hpp"
#include "actors/command_directory.hpp"
#include "messages/librarian_actor.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace saker {

/// What the LIBRARIAN is given at the start.
struct librarian_links {
  std::filesystem::path dir;
  bool watch = true;
  std::chrono::nanoseconds interval = std::chrono::seconds{5};
  /// Begins to say `tick` to the LIBRARIAN when files change, if that can be
  /// noticed; null: it cannot. Called once.
  std::function<void(const librarian_actor&)> notice = {};
  /// Whether it does so now: then looks are for what goes by unnoticed.
  std::function<bool()> notices = {};
  std::shared_ptr<command_directory> directory;
  /// Spawns the SCRIPT of a file.
  std::function<script_actor(std::string file)> spawn;
  std::function<void(const std::string&)> say;  ///< a line in the log
  std::function<void(const std::string&)> warn; ///< likewise
  /// Files are looked at through this; tests put a map here.
  std::function<std::vector<std::pair<std::string, std::string>>(
    std::vector<std::string>& errors)>
    read;
};

/// Which scripts run and what they registered.
///
/// | phase of a file | event            | next                               |
/// |-----------------|------------------|------------------------------------|
/// | unknown         | LOAD, new file   | loading                            |
/// | loading         | it has run       | loaded: its commands are there     |
/// | loading         | it fails         | failed: what was before stays      |
/// | loaded          | LOAD, changed    | loading, beside the old one        |
/// | loaded          | it dies          | loading again, after 1 s × 2 … 60 s|
/// | any             | UNLOAD           | unknown                            |
///
/// An alias that another file has is taken from the SCRIPT again; the rest of
/// it works (`alias_holders` says who has one).
struct librarian_state {
  using pointer = librarian_actor::pointer;
  using promise = caf::typed_response_promise<resp::value>;

  explicit librarian_state(pointer owner) : self(owner) {
    // nop
  }

  void begin(librarian_links with);

  caf::result<resp::value> call(command_call& what);
  caf::result<bool> open();
  void registered(const script_actor& by, command_specs& what);
  void tick();
  void look_now_and_then();
  void reload(const std::string& file);
  caf::result<bool> finish();
  void gone(const caf::down_msg& x);

  static inline const char* name = "librarian";

  /// So rarely those are looked at whose changes are noticed.
  static constexpr auto rare = std::chrono::minutes{1};

  pointer self;
  librarian_links links;

private:
  using source_list = std::vector<std::pair<std::string, std::string>>;

  /// Files that are loaded side by side.
  struct start {
    std::uint64_t number = 0;
    std::size_t missing = 1;
    std::map<std::string, std::string> errors; ///< by file; empty: it has run
    std::function<void(const start&)> then;
  };
  using shared_start = std::shared_ptr<start>;

  struct shelf {
    script_actor actor; ///< nothing: failed or still loading
    script_actor next;  ///< a newer version that is being loaded
    command_specs commands;
    std::uint64_t start = 0;       ///< the one it belongs to, until its end
    std::set<std::string> refused; ///< aliases that another file has
    std::string text;              ///< as it was loaded or tried last
    std::string error;             ///< of the last try
    std::chrono::seconds pause{0}; ///< before it is started again
  };

  // -- commands (librarian_commands.cpp)
  caf::result<resp::value> load(const std::vector<std::string>& args);
  caf::result<resp::value> unload(const std::vector<std::string>& args);
  caf::result<resp::value> tasks(const std::vector<std::string>& args);

  void arm();
  void load_all(const source_list& what,
                std::function<void(const start&)> then = {});
  void load_one(const std::string& file, const std::string& text,
                const shared_start& with);
  std::string loaded(const std::string& file, const script_actor& by,
                     command_specs what, std::uint64_t number);
  std::string failed(const std::string& file, const script_actor& by,
                     const caf::error& why);
  void one_less(start& of);
  std::string what_went_wrong(const start& of) const;
  void take(const std::string& file, shelf& on, command_specs what);
  void refuse(const alias_holders::refusal& x);
  std::string
  why_refused(const std::string& file, const std::string& alias) const;
  void drop(const std::string& file);
  void replace_directory();
  std::optional<std::string> file_of(const std::string& word) const;

  std::map<std::string, shelf> shelves_; ///< by file name: `greet.lua`
  alias_holders holders_;
  std::uint64_t last_start_ = 0;
  std::set<std::string> unloaded_;       ///< by hand: they stay away until LOAD
  std::vector<std::string> last_errors_; ///< of reading, so that each is said
                                         ///< once
  bool ending_ = false;                  ///< nothing is loaded any more
};

/// The LIBRARIAN. Detached: it reads files.
///
/// | message          | reply    | meaning                                  |
/// |------------------|----------|------------------------------------------|
/// | `open`           | `unit`   | load everything                          |
/// | `call`           | `value`  | LOAD, UNLOAD, TASKS                      |
/// | `change`, …      | —        | a SCRIPT has other commands than before  |
/// | `tick`           | —        | files have changed                       |
/// | `wait`           | — (self) | look whether they have                   |
/// | `reload`, file   | — (self) | start a failed script again              |
/// | `finish`         | `unit`   | end all scripts                          |
///
/// Fails: never; errors are replies. Quits: never by itself.
/// Time: when it watches `interval`, or a minute while changes are noticed. Watches: monitors each SCRIPT.
librarian_actor::behavior_type
librarian(librarian_actor::stateful_pointer<librarian_state> self,
          librarian_links links);

} // namespace saker

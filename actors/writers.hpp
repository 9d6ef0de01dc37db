#pragma once

#include "actors/writer_pulse.hpp"
#include "messages/drain_actor.hpp"
#include "messages/writer_actor.hpp"
#include "process/mount_table.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace saker {

/// What the WRITERS are given at the start.
struct writers_links {
  /// Spawns a WRITER with a thread of its own; null: not possible now.
  std::function<file_writer_actor(std::shared_ptr<writer_pulse>)> make;
  /// Spawns a DRAIN with a thread of its own; null: not possible now.
  std::function<drain_actor()> make_drain;
  /// What is mounted where. Never waits for a file system.
  std::function<result<process::mount_table>()> mounts;
  std::function<void(const std::string&)> warn; ///< a line in the log
};

/// Which WRITER is at home where, and which key is at home with whom: one file
/// system that hangs must not stop the logs of the others.
///
/// | a key            | event           | next, effect                        |
/// |------------------|-----------------|-------------------------------------|
/// | at home          | attach, same fs | handed over                         |
/// | at home          | attach, other fs| moves: its FIFOs are asked back     |
/// | handed over,     | attach          | kept until that is answered; the    |
/// | moves            |                 | one that was kept before is dropped |
/// | handed over,     | attach of a new | handed over there at once           |
/// | moves            | child, other fs |                                     |
/// | handed over      | answer          | at home; what was kept is next      |
/// | any              | detach          | unknown                             |
///
/// A child whose output may be discarded must not wait for a WRITER that hangs:
/// after `stuck_after` a DRAIN empties its FIFO, until the WRITER answers; then
/// that learns how much was lost.
struct writers_state {
  using pointer = writers_actor::pointer;

  /// WRITERS; on further file systems they share.
  static constexpr std::size_t most = 8;

  /// Requests that one WRITER has not answered; further ones are refused.
  static constexpr std::size_t most_asked = 20'000;

  /// Bytes of added lines that one WRITER has not written; further ones are
  /// left out.
  static constexpr std::size_t most_added = std::size_t{4} << 20;

  /// What is mounted where is looked up again after this time.
  static constexpr auto mounts_age = std::chrono::seconds{1};

  /// How long a file system may take for one request before it counts as
  /// hanging, and how often that is looked at while there are requests.
  static constexpr auto stuck_after = std::chrono::seconds{3};
  static constexpr auto look_every = std::chrono::seconds{1};

  explicit writers_state(pointer owner) : self(owner) {
    // nop
  }

  void begin(writers_links with);

  void attach(output_attachment& what);
  void detach(const std::string& key);
  void emit(added_lines& what);
  caf::result<drained_output> finish(const std::string& key);
  caf::result<std::string> tail(const std::string& path, std::uint32_t lines);
  caf::result<bool> rotate(const std::string& key);
  caf::result<bool> clear(const std::string& key);
  void watch(const std::string& key, const output_listener_actor& who);
  void withdraw(const std::string& key, const output_listener_actor& who);
  void listen(const log_listener_actor& who);
  void gone(const caf::actor_addr& who);
  void rung();
  void look();

  static inline const char* name = "writers";

  pointer self;
  writers_links links;

private:
  using home = std::size_t; ///< index into `crew_`

  struct member {
    file_writer_actor actor;
    std::shared_ptr<writer_pulse> pulse;
    std::size_t asked = 0;
    std::size_t added = 0; ///< bytes of lines under way
    bool leaves_out = false;
    bool stuck = false;
  };

  struct child {
    std::uint64_t number = 0; ///< tells it from one of the same key before
    std::optional<home> at;
    bool busy = false; ///< handed over, or moves
    std::optional<output_attachment> next;
    output_attachment last; ///< what it was told, without FIFOs and losses
    bool drained = false;   ///< by the DRAIN
  };

  // -- keys (writers.cpp)
  template <class T, class... Ts>
  caf::result<T> ask(home whom, Ts... what);
  void measure(const output_attachment& what);
  void hand_over(child& x, home to, output_attachment what);
  void settle(child& x, home to, output_attachment what);
  void
  settle_watchers(const std::string& key, std::optional<home> from, home to);
  child* find(const std::string& key, std::uint64_t number);

  // -- who is at home where, who hangs (writers_crew.cpp)
  home home_of(const output_attachment& what, const child& x);
  home home_of(const std::string& path);
  home home_of_key(const std::string& key) const;
  home home_of(const added_lines& what);
  std::uint64_t device_of(const std::string& path);
  bool hire();
  void stuck(home which);
  void recovered(home which);
  void drain(child& x);
  void drain_no_more(child& x);

  std::vector<member> crew_;
  std::map<std::uint64_t, home> homes_; ///< by file system
  std::map<std::string, child> children_;
  std::uint64_t last_number_ = 0;
  std::map<std::string, std::vector<output_listener_actor>> watchers_;
  log_listener_actor listener_;
  process::mount_table mounts_;
  std::optional<std::chrono::steady_clock::time_point> looked_;
  drain_actor drain_;       ///< null: not needed yet
  bool looks_ = false;      ///< an `expire` is under way
  bool told_small_ = false; ///< that FIFOs hold less than usual
};

/// The WRITERS: everybody's address for logs. Never waits for a disk.
///
/// | message                | reply            | meaning                      |
/// |------------------------|------------------|------------------------------|
/// | `attach`, what         | —                | read these FIFOs             |
/// | `detach`, key          | —                | the instance is gone         |
/// | `emit`, lines          | —                | what its hooks put out       |
/// | `finish`, key          | `drained_output` | its child ended              |
/// | `tail`, path, lines    | text             | last lines of a file         |
/// | `rotate`, key          | `true`           | new files now                |
/// | `clear`, key           | `true`           | empty files now              |
/// | `watch`, key, actor    | —                | copies of the output         |
/// | `withdraw`, key, actor | —                | no more copies               |
/// | `listen`, actor        | —                | trouble with log files       |
/// | `tick`                 | —                | a WRITER began to work       |
/// | `expire`               | — (self)         | look whether one hangs       |
///
/// Fails: as the WRITER says, and with `errc::busy` when that has not answered
/// for long. Quits: never by itself. Time: one `expire` a second while output
/// is written. Watches: monitors those who watch.
writers_actor::behavior_type
writers(writers_actor::stateful_pointer<writers_state> self,
        writers_links links);

} // namespace saker

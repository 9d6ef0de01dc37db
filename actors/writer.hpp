#pragma once

#include "actors/writer_pulse.hpp"
#include "io/fd_watch.hpp"
#include "messages/writer_actor.hpp"
#include "process/open_files.hpp"
#include "process/output_pump.hpp"
#include "process/pump_pace.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace saker {

/// What a WRITER is given at the start.
struct writer_links {
  /// Watches a descriptor on the thread of this actor.
  std::function<std::shared_ptr<io::fd_watch>(int fd)> watch;
  std::function<void(const std::string&)> warn; ///< a line in the log
  /// That many bytes of a key's output were thrown away and no log tells of it
  /// yet. To be remembered in case this process dies before one does.
  std::function<void(const std::string& key, std::uint64_t bytes)> remember;
  std::shared_ptr<writer_pulse> pulse; ///< never null
};

/// All FIFOs, each with its pump.
///
/// | a FIFO           | event    | next, effect                              |
/// |------------------|----------|-------------------------------------------|
/// | waits            | readable | pumped                                    |
/// | pumped, empty    |          | waits for the next `readable`; but where  |
/// |                  |          | output comes all the time it gathers      |
/// | gathers          | tick     | pumped                                    |
/// | pumped, not empty|          | its next turn comes after all others'     |
/// | pumped, file full|          | `drop`: waits and rests; `block`: rests   |
/// | rests            | expire   | pumped                                    |
/// | pumped, no writer|          | closed; the rest of a loss is still       |
/// |                  |          | announced when the file has space again   |
/// | any              | finish   | pumped until what was in it then is gone; |
/// |                  |          | what survived the child is read on        |
/// | any              | attach   | the new FIFO in its place                 |
/// | any              | emit     | pumped, then the lines behind it          |
/// | any              | detach   | pumped once more, then gone               |
struct writer_state {
  using pointer = file_writer_actor::pointer;
  using ticket = std::uint64_t;

  /// Bytes that one FIFO may move before it is another one's turn.
  static constexpr std::size_t turn_budget = 256 * 1024;

  /// Bytes under way to one who watches.
  static constexpr std::size_t watcher_credit = 1024 * 1024;

  /// A loss that grows is told to be remembered as often as this.
  static constexpr auto remember_every = std::chrono::milliseconds{500};

  /// Bytes of the last lines of a file: some for each line, within bounds.
  static constexpr std::size_t tail_least = 64 * 1024;
  static constexpr std::size_t tail_line = 1024;
  static constexpr std::size_t tail_most = 1024 * 1024;

  /// Log files that are open at the same time.
  static constexpr std::size_t most_open = 64;

  explicit writer_state(pointer owner) : self(owner) {
    // nop
  }

  ~writer_state();

  void attach(const output_attachment& what);
  handed_fds detach(const std::string& key);
  void emit(const added_lines& what);
  caf::result<drained_output> finish(const std::string& key);
  caf::result<std::string> tail(const std::string& path, std::uint32_t lines);
  caf::result<bool> rotate(const std::string& key);
  caf::result<bool> clear(const std::string& key);
  void watch(const std::string& key, const output_listener_actor& who);
  void withdraw(const std::string& key, const output_listener_actor& who);
  void withdraw(const std::string& key, const caf::actor_addr& who);
  void listen(const log_listener_actor& who);

  void readable(ticket which);
  void pump(ticket which);
  void tick();
  void expire(ticket which);
  void gone(const caf::actor_addr& who);

  static inline const char* name = "writer";

  pointer self;
  writer_links links;

private:
  struct stream {
    std::string key;
    std::uint32_t number;
    process::output_pump pump;
    std::shared_ptr<io::fd_watch> watch; ///< null without a FIFO
    process::pump_pace pace = {};
    bool queued = false;                       ///< a `pump` is under way
    bool gathers = false;                      ///< a `tick` is
    bool resting = false;                      ///< an `expire` is
    std::optional<std::size_t> to_finish = {}; ///< bytes to move before the end
  };

  struct child {
    std::vector<ticket> streams; ///< out (or both), err
    std::vector<caf::typed_response_promise<drained_output>> askers;
    bool told = false; ///< those who watch know of the end
    drained_output drained;
    std::uint64_t remembered = 0; ///< bytes that were lost, as was told
    std::chrono::steady_clock::time_point remembered_at;
  };

  struct watcher {
    output_listener_actor who;
    std::size_t under_way = 0; ///< bytes without an answer
    std::size_t pieces = 0;    ///< the same, counted
    std::uint64_t missed = 0;
  };

  // -- FIFOs (writer_streams.cpp)
  stream* find(ticket which);
  stream& add(const std::string& key, child& of);
  void connect(stream& x, unique_fd fifo);
  unique_fd disconnect(stream& x);
  void turn(ticket which, stream& x);
  void schedule(ticket which, stream& x, const process::pumped& done);
  void rest(ticket which, stream& x);
  void wait(ticket which, stream& x, std::size_t moved);
  void remember(const std::string& key);

  // -- log files (writer_files.cpp)
  using file_change = result<void> (*)(process::log_file&);
  void append(const added_lines& what);
  caf::result<bool>
  change_files(const std::string& key, std::string_view verb, file_change how);
  void use_file(stream& x, const std::string& path,
                const supervision::log_settings& how);
  std::shared_ptr<process::log_file>
  shared_file(const std::string& path, process::rotation limits);

  // -- who is told (writer_watchers.cpp)
  void conclude(const std::string& key);
  void answer(child& x);
  void tell(const stream& x, process::pumped& done);
  void report(const stream& x, log_notice what);
  void deliver(watcher& to, output_copy what);
  void
  credit(const std::string& key, const caf::actor_addr& who, std::size_t bytes);

  process::scratch_pipe scratch_;
  process::open_files open_{most_open};
  ticket last_ticket_ = 0;
  std::map<ticket, stream> streams_;
  std::map<std::string, child> children_;
  std::map<std::string, std::vector<watcher>> watchers_;
  std::map<std::string, std::weak_ptr<process::log_file>> files_;
  /// Who gathers until when; one `tick` is under way for each time.
  std::map<process::pump_pace::time_point, std::vector<ticket>> gathering_;
  log_listener_actor listener_;
};

/// A WRITER. Pinned to a loop of its own: the disk may take its time.
///
/// | message                   | reply            | meaning                   |
/// |---------------------------|------------------|---------------------------|
/// | `attach`, what            | `unit`           | read these FIFOs          |
/// | `detach`, key             | `handed_fds`     | the key goes              |
/// | `emit`, lines             | `unit`           | what its hooks put out    |
/// | `finish`, key             | `drained_output` | its child ended           |
/// | `tail`, path, lines       | text             | last lines of a file      |
/// | `rotate`, key             | `true`           | new files now             |
/// | `clear`, key              | `true`           | empty files now           |
/// | `watch`, key, actor       | —                | copies of the output      |
/// | `withdraw`, key, actor    | —                | no more copies            |
/// | `listen`, actor           | —                | trouble with log files    |
/// | `readable`, ticket        | — (self)         | a FIFO is readable        |
/// | `pump`, ticket            | — (self)         | its turn again            |
/// | `tick`                    | — (self)         | output had time to gather |
/// | `expire`, ticket          | — (self)         | a pause is over           |
///
/// Fails: `tail` with `errc::not_found`, `errc::refused`, `errc::io`; `rotate`
/// and `clear` with `errc::not_found` for an unknown key and what log_file says.
/// Trouble with a file that is written to is a `log_notice` and a warning.
/// Quits: never by itself. Time: one `expire` per FIFO while its file takes
/// nothing; it needs no epoch, because an early one only tries once more. A
/// `tick` for all FIFOs that gather until the same time, at most 2 000 a second
/// and 125 where little is written; none while nothing is.
/// Watches: monitors those who watch.
file_writer_actor::behavior_type
writer(file_writer_actor::stateful_pointer<writer_state> self,
       writer_links links);

} // namespace saker

#pragma once

#include "io/fd_watch.hpp"
#include "messages/job_actor.hpp"
#include "process/marked_lines.hpp"
#include "supervision/spawn_numbers.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace saker {

/// What all jobs of a node share.
struct job_links {
  keeper_link_actor keeper;
  writer_actor writer;                           ///< hears the lines of hooks
  supervision::spawn_numbers* numbers = nullptr; ///< owned by node/
  std::vector<std::string> environment;          ///< of Saker, `NAME=value`
  std::function<std::shared_ptr<io::fd_watch>(int fd)> watch;
  std::size_t output_limit = std::size_t{4} << 20; ///< bytes, out and err each
};

/// One command from SPAWN to its end; a child of class `job`, which dies with
/// the node.
///
/// | phase    | event         | next                                       |
/// |----------|---------------|--------------------------------------------|
/// | new      | `call`        | asked: SPAWN                               |
/// | asked    | spawned       | running: its output is read                |
/// | running  | output        | running                                    |
/// | running  | time, limit   | ending: KILL                               |
/// | any      | ended         | over: the rest is read, then the answer    |
/// | any      | `finish`      | ending: KILL, nobody is answered           |
struct job_state {
  using pointer = job_actor::pointer;

  explicit job_state(pointer owner) : self(owner) {
    // nop
  }

  ~job_state();

  caf::result<lua::exec_result> call(lua::exec_spec& what);
  caf::result<lua::exec_result> call(job_order& what);
  void spawned(const handed_fds& output);
  void ended(const link::ended& what);
  void readable();
  void expire();
  void finish();

  static inline const char* name = "job";

  pointer self;
  job_links links;

private:
  struct source {
    unique_fd fd;
    std::shared_ptr<io::fd_watch> watch;
  };

  caf::result<lua::exec_result>
  begin(const std::string& prefix, link::spawn order,
        std::chrono::milliseconds timeout);
  void read_all();
  bool read(source& from, std::string& into);
  void log(std::string lines);
  void wait_for_output();
  void kill();
  void fail_with(failure why);

  /// Reads at a time, for others want their turn too; the pipe of a command
  /// that has ended holds less.
  static constexpr int most_reads = 16;

  /// How much of the output is kept when only its end counts.
  static constexpr std::size_t tail_limit = std::size_t{16} << 10;

  std::string key_;
  bool only_tail_ = false;
  added_lines log_;                            ///< without text
  std::optional<process::marked_lines> lines_; ///< for `log_`
  std::uint64_t spawn_id_ = 0;
  std::optional<caf::typed_response_promise<lua::exec_result>> asker_;
  std::array<source, 2> sources_;
  lua::exec_result result_;
  std::optional<failure> failure_;
  bool more_ = false; ///< there may be more to read at once
};

/// The JOB.
///
/// | message             | reply         | meaning                         |
/// |---------------------|---------------|---------------------------------|
/// | `call`, spec        | `exec_result` | run it                          |
/// | `call`, order       | `exec_result` | run it, keep the end of the text|
/// |                     |               | and let a log have the lines    |
/// | `tell`, spawned, fds| —             | exec succeeded                  |
/// | `tell`, ended       | —             | it is gone, or never was        |
/// | `readable`          | — (self)      | output                          |
/// | `expire`            | —             | its time is over                |
/// | `finish`            | —             | nobody waits any more           |
///
/// Fails: `errc::timeout`, `errc::limit` (too much output),
/// `errc::spawn_failed`, `errc::busy` (what the start needs was not to be had). Quits: when it has answered. Time: the timeout.
job_actor::behavior_type
job(job_actor::stateful_pointer<job_state> self, job_links links);

} // namespace saker

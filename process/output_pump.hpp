#pragma once

#include "base/unique_fd.hpp"
#include "process/log_file.hpp"
#include "process/scratch_pipe.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace saker::process {

/// What one call of `output_pump::pump` did, and when to call again.
struct pumped {
  enum class next {
    readable, ///< when the FIFO is readable
    again,    ///< soon: the budget is spent, the FIFO is not empty
    later,    ///< after `output_pump::pause`: the child waits
    ended,    ///< never: the FIFO is empty and nobody can write to it
  };

  next when = next::readable;
  bool full = false;       ///< the file takes nothing; call after `pause` too
  std::uint64_t moved = 0; ///< bytes that went into the file
  std::uint64_t lost = 0;  ///< bytes that were discarded
  std::string copy;        ///< both of these, when watched

  std::optional<failure> filled;       ///< the file took nothing any more: why
  std::optional<std::uint64_t> healed; ///< it does again; bytes lost meanwhile
  std::optional<failure> not_rotated;  ///< why the file grows beyond its size
};

/// Moves the output of one child from its FIFO to the end of a log file. The
/// FIFO is the only queue: what was not moved yet is still there after a kill.
///
/// | file         | when_full | effect                                      |
/// |--------------|-----------|---------------------------------------------|
/// | takes bytes  |           | splice; rotation at the end of a line       |
/// | takes none   | drop      | discards; tries again after `pause`         |
/// | takes none   | block     | leaves them; tries again after `pause`      |
/// | takes again  | drop      | writes `saker: lost N bytes`, then goes on  |
/// | there is none|           | discards; that is no loss                   |
///
/// One thread; blocks as long as the file system does.
class output_pump {
public:
  using time_point = std::chrono::steady_clock::time_point;

  enum class when_full { drop, block };

  /// How long a file that took nothing is left alone.
  static constexpr auto pause = std::chrono::seconds{1};

  /// Several pumps may share one file; null: there is none. `scratch` outlives
  /// the pump.
  output_pump(std::shared_ptr<log_file> file, when_full policy,
              scratch_pipe* scratch);

  /// Begins to read `fifo` (O_NONBLOCK) instead of what it read before.
  void attach(unique_fd fifo) noexcept;

  /// Gives the FIFO back with what is in it. The file is closed, until there
  /// is something to write.
  unique_fd release() noexcept;

  /// Goes on in another file or by another rule.
  void change(std::shared_ptr<log_file> file, when_full policy);

  /// Moves at most `budget` bytes of those that are there now: who chases a
  /// child that writes line by line moves line by line.
  pumped pump(std::size_t budget, time_point now);

  /// Writes lines that others have about the child, each with its newline,
  /// behind what was moved so far, whether there is a FIFO or not. What the
  /// file does not take is lost, whatever the policy.
  pumped add(std::string_view lines, time_point now);

  /// Lets the next `pump` try a file that took nothing, however recently.
  void hurry() noexcept;

  /// Bytes that somebody else threw away: the log will say so.
  void lost(std::uint64_t bytes) noexcept;

  /// Bytes that were thrown away and that no log tells of yet.
  std::uint64_t unannounced() const noexcept {
    return lost_;
  }

  /// Whether `pumped::copy` is wanted.
  void watch(bool wanted) noexcept;

  /// Bytes that wait in the FIFO.
  std::size_t available() const noexcept;

  /// Bytes that it holds at most.
  std::size_t capacity() const noexcept {
    return capacity_;
  }

  /// Whether the file takes nothing at present.
  bool full() const noexcept {
    return full_;
  }

  /// The FIFO's descriptor, or -1.
  int fifo() const noexcept {
    return fifo_.get();
  }

  const std::shared_ptr<log_file>& file() const noexcept {
    return file_;
  }

private:
  enum class step { on, empty, ended, stuck };

  /// How many bytes to move, and whether a new file begins after them.
  struct cut {
    std::size_t bytes = 0;
    bool rotate = false;
  };

  step advance(std::size_t limit, time_point now, pumped& done);
  bool may_write(time_point now, pumped& done);
  result<std::size_t> append_some(std::string_view lines, pumped& done);
  result<void> announce();
  step write(std::size_t limit, time_point now, pumped& done);
  step discard(std::size_t limit, pumped& done);
  bool near_end(std::size_t limit) const;
  cut choose(std::string_view window) const;
  void rotate(pumped& done);
  void close_unused_file() noexcept;
  void filled(failure why, time_point now, pumped& done);
  void healed(pumped& done);

  std::shared_ptr<log_file> file_;
  when_full policy_;
  scratch_pipe* scratch_;
  unique_fd fifo_;
  std::size_t capacity_ = 0;
  bool watched_ = false;

  bool full_ = false;
  time_point retry_at_{};
  std::uint64_t lost_ = 0;         ///< not yet announced in the log
  std::uint64_t lost_in_bout_ = 0; ///< since the file was full
};

} // namespace saker::process

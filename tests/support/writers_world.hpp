#pragma once

#include "actors/writers.hpp"
#include "tests/support/actor_test.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace saker::test {

/// A WRITER that only says what it was asked; while it hangs it answers
/// nothing.
struct fake_file_writer {
  std::vector<std::string> heard;
  bool hangs = false;
  handed_fds gives; ///< to `detach`
  std::shared_ptr<writer_pulse> pulse;
  std::vector<std::function<void()>> owed;
};

/// What the DRAIN was asked; each key has lost so much.
struct fake_drainage {
  std::vector<std::string> heard;
  std::uint64_t lost = 0;
};

/// The argument is only there because CAF 0.17 binds a null reference for an
/// actor without any, which UBSan tells.
output_listener_actor::behavior_type
silent_listener(output_listener_actor::pointer, int);

/// The front of all WRITERs; those and the DRAIN are fake. There are ten file
/// systems: /0, /1 …; all else is on the last one.
class writers_world : public actor_test {
protected:
  writers_world();

  void TearDown() override;

  file_writer_actor make(std::shared_ptr<writer_pulse> pulse);

  void attach(const std::string& key, const std::string& file,
              std::size_t fifos = 1, std::uint64_t lost = 0);

  /// The first WRITER hangs no more.
  void recover() {
    tell(made.at(0), atom::tick_v);
  }

  /// What the WRITER of that number was asked since the last time.
  std::vector<std::string> heard(std::size_t which) {
    return std::exchange(crew.at(which)->heard, {});
  }

  using words = std::vector<std::string>;

  std::string mounts;
  int looks = 0;
  bool can_make = true;
  drain_actor drain;
  fake_drainage drained;
  std::vector<std::string> warned;
  std::deque<std::unique_ptr<fake_file_writer>> crew;
  std::vector<file_writer_actor> made;
  writer_actor uut;
};

} // namespace saker::test

#pragma once

#include "lua/control.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace saker::lua {

/// Keeps a flood of errors out of the log. The first of its kind is said
/// whole, those after it are counted, and once a minute (and when there is
/// another one) the log says how many. Of errors that differ each time ten are
/// said in a minute; the others are counted too.
class error_fold {
public:
  static constexpr std::chrono::nanoseconds pause = std::chrono::minutes{1};
  static constexpr std::size_t most_lines = 10; ///< in a pause

  /// Something failed; its kind is the first line of `text`. Answers what to
  /// say, in order; mostly nothing.
  std::vector<std::string> failed(std::string_view text, time_point now);

  /// It went well: says what is still uncounted, once the minute is over.
  std::vector<std::string> succeeded(time_point now);

private:
  void begin(std::string_view kind, time_point now);
  void tell(std::vector<std::string>& lines, time_point now);

  std::string kind_;         ///< of the last that was said
  time_point since_;         ///< when that was
  std::uint64_t again_ = 0;  ///< of this kind since then
  std::uint64_t others_ = 0; ///< of other kinds, beyond `most_lines`
  time_point window_;        ///< begin of the minute in which `said_` counts
  std::size_t said_ = 0;
};

} // namespace saker::lua

#pragma once

#include <cstddef>
#include <deque>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker {

/// Lines that somebody slow has not taken yet. Of too many the oldest are
/// dropped. Takes memory for those only that are there.
class line_backlog {
public:
  explicit line_backlog(std::size_t most) : most_(most) {
    // nop
  }

  /// True if it is the only one: whoever takes them may have to be told.
  bool push(std::string_view line) {
    if (lines_.size() >= most_)
      lines_.pop_front();
    lines_.emplace_back(line);
    return lines_.size() == 1;
  }

  bool empty() const noexcept {
    return lines_.empty();
  }

  /// All, the oldest first; leaves nothing.
  std::vector<std::string> take() {
    std::vector<std::string> all{std::make_move_iterator(lines_.begin()),
                                 std::make_move_iterator(lines_.end())};
    lines_ = {};
    return all;
  }

private:
  std::size_t most_;
  std::deque<std::string> lines_;
};

} // namespace saker

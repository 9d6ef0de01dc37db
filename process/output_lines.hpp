#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace saker::process {

/// Cuts output, which comes in pieces, into lines: any bytes without their
/// newline. A line that is longer than `longest` comes in parts.
class output_lines {
public:
  static constexpr std::size_t longest = 64 * 1024;

  /// Calls `f(std::string_view)` for each line that ends in `bytes`. Returns
  /// whether an unfinished line begins in them.
  template <class F>
  bool feed(std::string_view bytes, F f) {
    auto fresh = rest_.empty();
    while (!bytes.empty()) {
      auto end = bytes.find('\n');
      auto room = longest - rest_.size();
      if (std::min(end, bytes.size()) > room) { // too long
        take(bytes.substr(0, room), f);
        bytes.remove_prefix(room);
        begun_ = fresh = true;
      } else if (end == bytes.npos) {
        rest_ += bytes;
        break;
      } else {
        // What was told before its end came needs no empty line behind it.
        if (end > 0 || !rest_.empty() || !begun_)
          take(bytes.substr(0, end), f);
        bytes.remove_prefix(end + 1);
        begun_ = false;
        fresh = true;
      }
    }
    return fresh && !rest_.empty();
  }

  /// Calls `f` for the unfinished line, if there is one: its end may not come
  /// for a long time. When it comes it is not told as a line of its own.
  template <class F>
  void flush(F f) {
    if (rest_.empty())
      return;
    take({}, f);
    begun_ = true;
  }

  /// The child is gone: what comes next is a new line.
  template <class F>
  void finish(F f) {
    flush(f);
    begun_ = false;
  }

  bool pending() const noexcept {
    return !rest_.empty();
  }

private:
  /// Tells what there is with `end`, without a copy where there is nothing.
  template <class F>
  void take(std::string_view end, F& f) {
    if (rest_.empty())
      return f(end);
    rest_ += end;
    f(std::string_view{rest_});
    rest_.clear();
  }

  std::string rest_;
  bool begun_ = false; ///< the beginning of this line has been told
};

} // namespace saker::process

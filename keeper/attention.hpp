#pragma once

#include <chrono>

namespace saker::keeper {

/// Whether the node still takes part, told by what it says. Pure: time is an
/// argument (monotonic, any zero).
///
/// | an end was told and not SEEN, and the node        | then it              |
/// |---------------------------------------------------|----------------------|
/// | said nothing for 10 s since then                  | hangs: a fault       |
/// | talks, but has overlooked that end for 2 min      | overlooks: replaced, |
/// |                                                   | which is no fault    |
/// | talks                                             | is slow, and well    |
///
/// A node with too much to do answers late; that helps nobody by being killed.
class attention {
public:
  using time = std::chrono::nanoseconds;

  enum class verdict { well, hangs, overlooks };

  static constexpr time silence_limit = std::chrono::seconds{10};
  static constexpr time overlook_limit = std::chrono::minutes{2};

  /// A new node, which has said nothing.
  void begin() noexcept;

  /// It sent a request.
  void heard(time now) noexcept;

  /// `unseen`: when the oldest of the ends that it has not SEEN was told.
  verdict judge(time unseen, time now) const noexcept;

  /// When to judge next.
  time next_look(time unseen) const noexcept;

  /// Since when it is of no use.
  time since(time unseen) const noexcept;

private:
  time heard_{0};
};

} // namespace saker::keeper

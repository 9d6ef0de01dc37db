#pragma once

#include <cstddef>
#include <cstdint>

namespace saker::cluster {

/// What may be on its way to one node and is not acknowledged yet. One thing
/// is let through whatever its size, or it could never be sent.
class credit {
public:
  explicit credit(std::uint64_t most) : most_(most) {
    // nop
  }

  /// Of so many bytes in so many messages: small ones have a cost, too.
  static constexpr std::uint64_t
  cost(std::size_t bytes, std::size_t messages) noexcept {
    return bytes + 64 * messages;
  }

  /// False: too much is on its way.
  bool take(std::uint64_t cost) noexcept {
    if (used_ > 0 && used_ + cost > most_)
      return false;
    used_ += cost;
    return true;
  }

  void give_back(std::uint64_t cost) noexcept {
    used_ -= cost < used_ ? cost : used_;
  }

  std::uint64_t used() const noexcept {
    return used_;
  }

private:
  std::uint64_t most_;
  std::uint64_t used_ = 0;
};

} // namespace saker::cluster

#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace saker {

/// How fast totals grow, over the last 1.6 s as in Redis. Has no timer of its
/// own: it is told of the totals whenever something happened.
class rate_meter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Of everything that is metered.
  struct totals {
    std::int64_t commands = 0;
    std::int64_t input = 0; ///< bytes
    std::int64_t output = 0;
  };

  /// Growth per second.
  struct rates {
    double commands = 0;
    double input = 0;
    double output = 0;
  };

  /// True if `note` should be called now.
  bool due(time_point now) const noexcept {
    return now >= next_;
  }

  /// What they are at this moment.
  void note(const totals& x, time_point now) noexcept {
    last_ = (last_ + 1) % samples_.size();
    samples_[last_] = {now, x, true};
    next_ = now + step;
  }

  rates measure(const totals& x, time_point now) const noexcept {
    auto* from = base(now);
    if (!from)
      return {};
    auto begin = std::max(from->at, now - window);
    auto span = std::chrono::duration<double>(
                  std::max<time_point::duration>(now - begin, step))
                  .count();
    auto rate = [span](std::int64_t to, std::int64_t was) {
      return static_cast<double>(to - was) / span;
    };
    return {rate(x.commands, from->what.commands),
            rate(x.input, from->what.input), rate(x.output, from->what.output)};
  }

private:
  static constexpr auto step = std::chrono::milliseconds{100};
  static constexpr auto window = std::chrono::milliseconds{1600};

  struct sample {
    time_point at;
    totals what;
    bool taken = false;
  };

  /// The newest one from before the window, else the oldest one in it.
  const sample* base(time_point now) const noexcept {
    const sample* best = nullptr;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      auto& x = samples_[(last_ + samples_.size() - i) % samples_.size()];
      if (!x.taken)
        break;
      best = &x;
      if (x.at + window <= now)
        break;
    }
    return best;
  }

  std::array<sample, 17> samples_;
  std::size_t last_ = 0;
  time_point next_{};
};

} // namespace saker

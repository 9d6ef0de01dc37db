#pragma once

#include "base/bytes.hpp"
#include "resp/value.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::pubsub {

/// Messages of one channel, encoded once for all who get them: joined frames
/// in RESP2 and, when somebody asks, in RESP3.
class batch {
public:
  /// Frames `message channel payload`.
  static batch of_channel(std::string_view channel);

  /// Frames `smessage channel payload`.
  static batch of_shard(std::string_view channel);

  /// Frames `pmessage pattern channel payload`.
  static batch of_pattern(std::string_view pattern, std::string_view channel);

  /// Whole lines instead of frames, the same in both protocols.
  static batch of_lines();

  /// The frames of `parts`, which have as many messages each: first those of
  /// the first message, in the order of the parts.
  static batch of_parts(std::span<const batch* const> parts);

  /// Appends one message; not after `frames`.
  void add(std::string_view payload);

  bool empty() const noexcept {
    return starts_.empty();
  }

  /// Bytes so far.
  std::size_t size() const noexcept {
    return text_.size();
  }

  /// All frames in one piece, the same for all who speak that protocol.
  const shared_bytes& frames(resp::protocol dialect);

private:
  static batch of_one(std::string_view verb, std::string_view channel);
  std::string_view frame(std::size_t number) const noexcept;

  std::string head_; ///< of every frame, in RESP2
  bool lines_ = false;
  std::string text_;
  std::vector<std::size_t> starts_; ///< of the frames in `text_`
  shared_bytes resp2_;
  shared_bytes resp3_;
};

} // namespace saker::pubsub

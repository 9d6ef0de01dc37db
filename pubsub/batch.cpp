#include "pubsub/batch.hpp"

#include "resp/writer.hpp"

#include <utility>

namespace saker::pubsub {

batch batch::of_channel(std::string_view channel) {
  return of_one("message", channel);
}

batch batch::of_shard(std::string_view channel) {
  return of_one("smessage", channel);
}

batch batch::of_one(std::string_view verb, std::string_view channel) {
  batch result;
  resp::writer out{result.head_, resp::protocol::resp2};
  out.push(3);
  out.bulk(verb);
  out.bulk(channel);
  return result;
}

batch batch::of_pattern(std::string_view pattern, std::string_view channel) {
  batch result;
  resp::writer out{result.head_, resp::protocol::resp2};
  out.push(4);
  out.bulk("pmessage");
  out.bulk(pattern);
  out.bulk(channel);
  return result;
}

batch batch::of_lines() {
  batch result;
  result.lines_ = true;
  return result;
}

batch batch::of_parts(std::span<const batch* const> parts) {
  batch result;
  for (std::size_t i = 0; i < parts.front()->starts_.size(); ++i)
    for (auto part : parts) {
      result.starts_.push_back(result.text_.size());
      result.text_ += part->frame(i);
    }
  return result;
}

std::string_view batch::frame(std::size_t number) const noexcept {
  std::string_view all = resp2_ ? *resp2_ : text_;
  auto from = starts_[number];
  auto to = number + 1 < starts_.size() ? starts_[number + 1] : all.size();
  return all.substr(from, to - from);
}

void batch::add(std::string_view payload) {
  starts_.push_back(text_.size());
  if (lines_) {
    text_ += payload;
    return;
  }
  text_ += head_;
  resp::writer{text_, resp::protocol::resp2}.bulk(payload);
}

const shared_bytes& batch::frames(resp::protocol dialect) {
  if (!resp2_)
    resp2_ = share(std::move(text_));
  if (lines_ || dialect == resp::protocol::resp2)
    return resp2_;
  if (!resp3_) {
    // The dialects differ in the first byte of each frame only.
    auto text = *resp2_;
    for (auto start : starts_)
      text[start] = '>';
    resp3_ = share(std::move(text));
  }
  return resp3_;
}

} // namespace saker::pubsub

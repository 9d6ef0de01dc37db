#include "session/transaction.hpp"

namespace saker::session {

void transaction::add(std::span<const std::string_view> args) {
  for (auto word : args) {
    bytes_ += word;
    lengths_.push_back(word.size());
  }
  words_.push_back(args.size());
}

std::span<const std::string_view> transaction::front() {
  if (front_.empty()) {
    auto rest = std::string_view{bytes_}.substr(next_byte_);
    for (std::size_t i = 0; i < words_[next_]; ++i) {
      auto length = lengths_[next_length_ + i];
      front_.push_back(rest.substr(0, length));
      rest.remove_prefix(length);
    }
  }
  return front_;
}

void transaction::pop() noexcept {
  for (auto count = words_[next_]; count > 0; --count)
    next_byte_ += lengths_[next_length_++];
  ++next_;
  front_.clear();
}

std::size_t transaction::held() const noexcept {
  return bytes_.size()
         + (lengths_.size() + words_.size()) * sizeof(std::size_t);
}

} // namespace saker::session

#pragma once

#include <string>
#include <utility>

namespace saker {

/// An empty string that has room already, if one was given back on this thread.
/// What is filled and sent with each read of each client needs no memory of its
/// own then, and an idle client keeps none.
std::string take_buffer();

/// Gives the memory of a string back: for the next `take_buffer` if it is
/// neither small nor very large and not enough are there, else for all.
void give_buffer(std::string x) noexcept;

/// A string whose memory is taken and given back like that.
class buffer {
public:
  buffer() = default;

  buffer(const buffer& x) : text_(take_buffer()) {
    text_ = x.text_;
  }

  buffer(buffer&& x) noexcept : text_(std::exchange(x.text_, {})) {
    // nop
  }

  buffer& operator=(buffer x) noexcept {
    text_.swap(x.text_);
    return *this;
  }

  ~buffer() {
    give_buffer(std::move(text_));
  }

  const std::string& text() const noexcept {
    return text_;
  }

  /// To be appended to.
  std::string& to_fill() {
    if (text_.empty() && text_.capacity() <= std::string{}.capacity())
      text_ = take_buffer();
    return text_;
  }

private:
  std::string text_;
};

} // namespace saker

#pragma once

#include "base/buffer.hpp"
#include "io/stream.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace saker::test {

/// A connection in memory: the test is the peer and the kernel.
class fake_stream final : public io::stream {
public:
  explicit fake_stream(io::stream_events events) : events_(std::move(events)) {
    // nop
  }

  // -- the peer and the kernel ---------------------------------------------------

  /// The peer sends; it is read when the owner wants to read.
  void send(std::string_view bytes) {
    incoming_ += bytes;
    deliver();
  }

  /// The peer sends nothing more; the owner hears of it at its next read.
  void hang_up(std::string why = {}) {
    ended_ = true;
    reason_ = std::move(why);
    deliver();
  }

  /// The kernel takes at most so many bytes from now on.
  void accept_at_most(std::size_t n) {
    room_ = n;
  }

  /// Each write takes so many bytes more, as over TLS.
  void make_larger(std::size_t n) {
    larger_by_ = n;
  }

  /// What the peer got since the last call.
  std::string received() {
    auto n = std::min(room_, outgoing_.size());
    auto taken = outgoing_.substr(0, n);
    outgoing_.erase(0, n);
    room_ -= n;
    if (outgoing_.empty() && slow_) {
      slow_ = false;
      events_.drained();
    } else if (!outgoing_.empty()) {
      slow_ = true;
    }
    return taken;
  }

  /// How many pieces the owner has written since the last call.
  std::size_t writes() {
    return std::exchange(writes_, 0);
  }

  bool is_reading() const {
    return reading_;
  }

  bool finished() const {
    return finished_;
  }

  bool is_closed() const {
    return closed_;
  }

  // -- stream ----------------------------------------------------------------------

  void read() override {
    reading_ = true;
    deliver();
  }

  std::string_view input() const noexcept override {
    return input_;
  }

  void write(std::string_view bytes) override {
    if (closed_ || finished_ || bytes.empty())
      return;
    ++writes_;
    outgoing_ += bytes;
    outgoing_.append(larger_by_, '.');
    written_ += bytes.size() + larger_by_;
  }

  void write_all_of(std::string bytes) override {
    write(std::string_view{bytes});
    give_buffer(std::move(bytes));
  }

  void write(shared_bytes bytes) override {
    write(std::string_view{*bytes});
  }

  std::size_t unsent() const noexcept override {
    return outgoing_.size() > room_ ? outgoing_.size() - room_ : 0;
  }

  std::uint64_t sent() const noexcept override {
    return written_ - unsent();
  }

  void tell_drained() override {
    slow_ = unsent() > 0;
  }

  std::size_t pieces() const noexcept override {
    return unsent() > 0 ? 1 : 0;
  }

  int descriptor() const noexcept override {
    return 42;
  }

  void finish() override {
    finished_ = true;
  }

  void close() override {
    closed_ = true;
    outgoing_.clear();
  }

  const std::string& reason() const noexcept override {
    return reason_;
  }

private:
  void deliver() {
    if (!reading_ || closed_)
      return;
    if (!incoming_.empty()) {
      reading_ = false;
      input_ = std::exchange(incoming_, {});
      events_.readable();
    } else if (ended_) {
      reading_ = false;
      events_.closed();
    }
  }

  io::stream_events events_;
  std::string incoming_;
  std::string input_;
  std::string outgoing_;
  std::string reason_;
  std::size_t room_ = SIZE_MAX;
  std::size_t writes_ = 0;
  std::size_t larger_by_ = 0;
  std::uint64_t written_ = 0;
  bool reading_ = false;
  bool ended_ = false;
  bool slow_ = false;
  bool finished_ = false;
  bool closed_ = false;
};

} // namespace saker::test

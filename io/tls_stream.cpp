#include "io/tls_stream.hpp"

#include "base/buffer.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <sys/socket.h>

namespace saker::io {

namespace {

/// Of one record, and of what waits for the end of the turn at most.
constexpr std::size_t full_record = std::size_t{16} * 1024;

/// So much is enciphered before it is handed on.
constexpr std::size_t piece_size = 4 * full_record;

/// Input beyond this is given back as soon as it is no longer needed.
constexpr std::size_t plain_kept = 4 * 1024;

/// TLS may ask the other side to answer (keys, renegotiation). Whoever asks and
/// does not read makes no more than this.
constexpr std::size_t most_unasked = std::size_t{16} * 1024;

} // namespace

tls_stream::tls_stream(loop& where, shared_tls with)
  : where_(where), engine_(std::move(with)) {
  // nop
}

void tls_stream::begin(unique_fd socket, handshake_events events) {
  auto self = shared_from_this(); // it may be over before this is
  greeting_ = std::move(events);
  // The socket's stream lives in this one, and what it tells may end both.
  auto tell = [weak = weak_from_this()](void (tls_stream::*what)()) {
    return [weak, what] {
      if (auto x = weak.lock())
        (*x.*what)();
    };
  };
  inner_ = open_stream(where_, std::move(socket),
                       {tell(&tls_stream::came_in), tell(&tls_stream::drained),
                        tell(&tls_stream::over)});
  inner_->read();
}

tls_engine::progress tls_stream::step() {
  auto result = engine_.handshake();
  put_out();
  switch (result) {
    case tls_engine::progress::wants_more: inner_->read(); break;
    case tls_engine::progress::done:
      greeting_ = {};
      secured_ = true;
      engine_.keep();
      break;
    case tls_engine::progress::failed:
      reason_ = engine_.reason();
      inner_->finish();
      break;
  }
  return result;
}

void tls_stream::open(stream_events events) {
  events_ = std::move(events);
}

void tls_stream::read() {
  if (closed_ || reading_)
    return;
  reading_ = true;
  if (input_.capacity() > plain_kept)
    std::string{}.swap(input_);
  else
    input_.clear();
  if (ended_ || engine_.has_input()) {
    early_ = true;
    arm();
  } else {
    inner_->read();
  }
}

void tls_stream::came_in() {
  heard_ = true;
  engine_.feed(inner_->input());
  if (greeting_.pending)
    return greeting_.pending();
  use_input();
}

void tls_stream::use_input() {
  using progress = tls_engine::progress;
  auto result = engine_.receive(input_);
  if (result == progress::failed)
    return fail(engine_.reason()); // `close` tells the peer
  auto said = engine_.output().size();
  unasked_ = inner_->unsent() == 0 ? said : unasked_ + said;
  put_out();
  if (unasked_ > most_unasked)
    return fail("it asks more of TLS than it reads");
  ended_ = result == progress::done;
  if (!input_.empty()) {
    reading_ = false;
    events_.readable();
  } else if (ended_) {
    reading_ = false;
    events_.closed();
  } else {
    inner_->read(); // the rest of a record
  }
}

void tls_stream::drained() {
  if (!pending_.empty())
    tell_ = true;
  else if (events_.drained)
    events_.drained();
}

void tls_stream::over() {
  if (reason_.empty())
    reason_ = inner_ ? inner_->reason() : "it cannot be watched";
  if (auto tell = std::exchange(greeting_, {}).closed)
    return tell();
  ended_ = true;
  reading_ = false;
  if (events_.closed)
    events_.closed();
}

void tls_stream::write(std::string_view bytes) {
  if (bytes.empty() || closed_ || finishing_)
    return;
  if (pending_.size() + bytes.size() < full_record) {
    pending_ += bytes;
    return arm();
  }
  flush();
  encipher(bytes);
}

void tls_stream::write_all_of(std::string bytes) {
  write(std::string_view{bytes});
  give_buffer(std::move(bytes));
}

void tls_stream::write(shared_bytes bytes) {
  if (bytes)
    write(std::string_view{*bytes});
}

std::size_t tls_stream::unsent() const noexcept {
  return pending_.size() + (inner_ ? inner_->unsent() : 0);
}

std::uint64_t tls_stream::sent() const noexcept {
  return inner_ ? inner_->sent() : 0;
}

void tls_stream::tell_drained() {
  if (pending_.empty())
    inner_->tell_drained();
  else
    tell_ = true;
}

std::size_t tls_stream::pieces() const noexcept {
  return inner_->pieces() + (pending_.empty() ? 0 : 1);
}

int tls_stream::descriptor() const noexcept {
  return inner_->descriptor();
}

void tls_stream::finish() {
  if (closed_ || std::exchange(finishing_, true))
    return;
  arm();
}

void tls_stream::close() {
  if (!std::exchange(closed_, true))
    say_end();
  greeting_ = {};
  pending_.clear();
  if (inner_)
    inner_->close();
}

/// So that the peer need not take the end for an attack, and knows what it did
/// wrong. Nobody waits for it: the kernel takes so few bytes at once, or the peer
/// does without. Where bytes are lost that were written before, the end is none
/// that should be believed.
void tls_stream::say_end() {
  if (!secured_ || broken_ || finished_ || inner_->descriptor() < 0
      || unsent() > 0)
    return;
  engine_.finish();
  auto last = engine_.output();
  std::ignore = ::send(inner_->descriptor(), last.data(), last.size(),
                       MSG_DONTWAIT | MSG_NOSIGNAL);
  engine_.taken();
}

void tls_stream::at_end_of_turn() {
  auto self = shared_from_this(); // whoever hears of it may let go
  if (closed_)
    return;
  flush();
  if (broken_)
    return fail("it holds back the rest of a message of TLS");
  if (std::exchange(tell_, false))
    inner_->tell_drained();
  if (finishing_ && !std::exchange(finished_, true)) {
    engine_.finish();
    put_out();
    inner_->finish();
  }
  if (!std::exchange(early_, false))
    return;
  if (!ended_)
    return use_input();
  reading_ = false;
  events_.closed();
}

/// Joined in the stage before writes, so that it leaves in the same turn.
void tls_stream::arm() {
  where_.defer(stage::join, *this);
}

void tls_stream::flush() {
  if (pending_.empty())
    return;
  encipher(pending_);
  if (pending_.capacity() > plain_kept)
    std::string{}.swap(pending_);
  else
    pending_.clear();
}

void tls_stream::encipher(std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = std::min(bytes.size(), piece_size);
    if (!engine_.send(bytes.substr(0, n))) {
      broken_ = true;
      return arm();
    }
    put_out();
    bytes.remove_prefix(n);
  }
}

void tls_stream::put_out() {
  inner_->write(engine_.output());
  engine_.taken();
}

void tls_stream::fail(const std::string& why) {
  reason_ = why;
  close();
  events_.closed();
}

} // namespace saker::io

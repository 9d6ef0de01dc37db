#pragma once

#include "cli/transport.hpp"
#include "resp/reply_parser.hpp"
#include "resp/value.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace saker::cli {

using words = std::vector<std::string>;

/// A conversation with one Saker in RESP3: one question at a time, and what
/// is published in between.
///
/// Fails with errc::io, errc::closed, errc::timeout (nobody there, gone, no
/// answer), errc::refused and errc::not_permitted (not Saker, not let in). An
/// error reply is a value, not a failure.
class connection {
public:
  /// Messages that wait for being asked for; then the oldest ones are lost.
  static constexpr std::size_t most_pushes = 10'000;

  /// `via` must outlive this. `to`: tried in this order.
  connection(transport& via, std::vector<server_address> to)
    : via_(via), to_(std::move(to)) {
    // nop
  }

  /// Connects to the first address that can be reached, says HELLO and makes
  /// sure that it is a Saker.
  result<void> open();

  /// Connects again to the same address, and subscribes to what was
  /// subscribed to; tries for `patience`.
  result<void> reopen(milliseconds patience);

  /// Asks and waits. While the server is loading, asks again for 5 s.
  result<resp::value> call(const words& command, milliseconds patience);

  /// SUBSCRIBE or PSUBSCRIBE; an error reply is a failure (errc::refused)
  /// whose detail is the reply.
  result<void> subscribe(const words& command);

  /// The next message, nothing when `patience` is over.
  result<std::optional<resp::value>> next_push(milliseconds patience);

  /// How many messages had to be thrown away.
  std::uint64_t missed() const noexcept {
    return missed_;
  }

  /// Where we are, after `open`.
  const server_address& peer() const noexcept {
    return to_[at_];
  }

private:
  result<void> enter(const server_address& to);
  result<void> greet(const server_address& to);
  result<resp::value> ask(const words& command, milliseconds patience);
  result<std::optional<resp::value>> read(milliseconds until);
  void keep(resp::value push);
  result<void> confirm(const words& command);
  failure lost(const failure& why) const;

  transport& via_;
  std::vector<server_address> to_;
  std::size_t at_ = 0;
  resp::reply_parser in_;
  std::deque<resp::value> pushes_;
  std::vector<words> subscriptions_;
  std::uint64_t missed_ = 0;
};

} // namespace saker::cli

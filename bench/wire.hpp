#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "bench/resp_scan.hpp"

namespace saker::bench {

/// What a server said.
enum class said {
  message,  ///< somebody published `payload`
  done,     ///< the oldest of what was asked for is done
  question, ///< answer with `pong`
  other,
};

struct incoming {
  said what = said::other;
  std::string_view payload; ///< valid until more is read
};

/// How to speak with a server: appends requests to `out`, finds in `data` what
/// came back. Knows nothing of sockets.
class wire {
public:
  virtual ~wire();

  /// What a client says first; `said::done` when it may go on.
  virtual void greet(std::string& out) const = 0;

  /// Each is followed by `said::done`, once for all that stand between two
  /// calls of `ask` where the server confirms nothing by itself.
  virtual void subscribe(std::string& out, std::string_view channel,
                         bool is_pattern) const = 0;
  virtual void publish(std::string& out, std::string_view channel,
                       std::string_view payload) const = 0;

  /// Ends what is sent together; returns how many `said::done` will come for
  /// `requests` of them.
  virtual std::size_t ask(std::string& out, std::size_t requests) const = 0;

  /// One round trip; `said::done` follows.
  virtual void ping(std::string& out) const = 0;

  virtual void pong(std::string& out) const = 0;

  /// Reads what `data` starts with; returns its size, 0 if it is not whole.
  virtual std::size_t read(std::string_view data, incoming& x) = 0;
};

/// Redis and Saker.
std::unique_ptr<wire> resp_wire(bool resp3);

/// NATS, where nothing is confirmed but PING.
std::unique_ptr<wire> nats_wire();

} // namespace saker::bench

#pragma once

#include "actors/connection.hpp"
#include "resp/reply_parser.hpp"
#include "session/session.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace saker {

/// One command that a part of Saker itself calls, as a client would: the same
/// checks, the same routes. It has all rights. Commands that belong to a
/// connection (SUBSCRIBE, HELLO, QUIT…) are refused.
class inner_client {
public:
  inner_client(const shared_links& links, std::string name,
               session::moment now);

  /// Begins a command. What has to be done by others is in `effects`.
  void begin(std::span<const std::string> argv, session::moment now);

  /// Effects that are not carried out yet.
  std::vector<session::effect> effects() {
    return client_.take_effects();
  }

  void answer(session::request_id id, const resp::value& reply) {
    client_.answer(id, reply);
  }

  void answer_publish(session::request_id id, const receiver_counts& counts) {
    client_.answer_publish(id, counts);
  }

  /// The reply, once it is there.
  std::optional<resp::value> reply();

private:
  session::session client_;
  resp::reply_parser replies_;
  std::optional<resp::value> refused_;
};

} // namespace saker

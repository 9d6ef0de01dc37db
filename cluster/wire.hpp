#pragma once

#include "base/result.hpp"
#include "pubsub/interest.hpp"
#include "session/effect.hpp"

#include <string>
#include <string_view>

namespace saker::cluster {

/// A command on its way to another node, with the rights that it has there:
/// whether the caller may was decided where it is connected.
struct far_command {
  std::vector<std::string> args; ///< [0] is the name
  std::string from;              ///< `root@127.0.0.1:4711 via n1`
  resp::rights rights;
  resp::protocol protocol = resp::protocol::resp3;
  acl::shared_services services = {}; ///< that it may reach; null: all

  bool operator==(const far_command& x) const {
    return args == x.args && from == x.from && rights == x.rights
           && protocol == x.protocol && !services == !x.services
           && (!services || *services == *x.services);
  }
};

// What nodes send each other, as text: RESP, which tells its own types. Later
// versions append; what they append is ignored. Parsers fail with `syntax`.

std::string encode(const pubsub::interest& x);
result<pubsub::interest> parse_interest(std::string_view text);

std::string encode(const session::publish_batch& x);
result<session::publish_batch> parse_batch(std::string_view text);

std::string encode(const far_command& x);
result<far_command> parse_command(std::string_view text);

std::string encode_reply(const resp::value& x);
result<resp::value> parse_reply(std::string_view text);

} // namespace saker::cluster

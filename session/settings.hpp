#pragma once

#include "acl/denial_log.hpp"
#include "acl/user_list.hpp"
#include "resp/command_table.hpp"
#include "resp/parser.hpp"
#include "resp/writer.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace saker::session {

class alias_table;
class audit_trail;
class slow_log;
struct moment;

/// What all sessions of a node share. Immutable once a session uses it; a
/// change of the configuration makes a new one.
struct settings {
  // -- who may come in

  /// Never null.
  acl::shared_users users = std::make_shared<const acl::user_list>();
  std::chrono::milliseconds auth_delay{0}; ///< before a wrong password's reply

  /// What was refused, for ACL LOG; null: nothing is kept. I/O thread.
  std::shared_ptr<acl::denial_log> denials;

  // -- what HELLO tells

  std::string server = "saker";
  std::string version = "7.0.15"; ///< of Redis that clients may count on
  std::string mode = "standalone";

  /// Of the node: to LASTSAVE nothing was saved since.
  std::chrono::system_clock::time_point started;

  // -- limits

  resp::request_limits requests;                     ///< authenticated clients
  std::size_t query_buffer = std::size_t{128} << 20; ///< then: disconnect
  std::size_t open_commands = 1024; ///< not yet answered; then: stop reading
  std::size_t output_chunk = std::size_t{1} << 20; ///< made at a stretch
  std::size_t reply_pause = std::size_t{64} << 20; ///< unsent; stop reading
  std::size_t reply_pause_before_auth = std::size_t{64} * 1024;
  std::size_t databases = 16;
  std::size_t channel_name = 4096; ///< bytes; also of a pattern
  std::size_t subscriptions = 100'000;
  std::size_t guest_subscriptions = 100; ///< without the right to control

  /// Whether a client has this id; may be null. I/O thread.
  std::function<bool(std::uint64_t)> connected;

  // -- the start of the node

  /// Whether not all is known yet that these carry out: `roster` for services,
  /// `script` for the commands of scripts; may be null. Any thread.
  std::function<bool(resp::target)> loading;

  // -- SLOWLOG

  /// Commands that took long; null: none are kept. Owned by many.
  std::shared_ptr<slow_log> slow;

  // -- who did what

  /// Where that is told; null: nowhere.
  std::shared_ptr<audit_trail> audit;

  // -- MONITOR

  /// Whether somebody monitors; null: nobody ever does. Looked at after each
  /// command, so it is no function.
  std::shared_ptr<const std::atomic<bool>> monitored;

  // -- services

  /// Writes what SVSTATUS answers about the service of that name, if it is known
  /// without asking anybody; else false, and nothing is written. May be null.
  /// I/O thread.
  std::function<bool(std::string_view, const moment&, resp::writer)> status;

  // -- scripts

  /// The commands of scripts at this moment; may be null. Any thread.
  std::function<std::shared_ptr<const alias_table>()> aliases;
};

using shared_settings = std::shared_ptr<const settings>;

/// Who the kernel says the peer is.
enum class peer_kind : std::uint8_t {
  root,     ///< uid 0
  self,     ///< Saker's own uid
  stranger, ///< anybody else, or nobody knows
};

/// The other end of a connection.
struct peer {
  std::string address;       ///< for people: `127.0.0.1:4711`, `/run/x.sock:0`
  std::string local_address; ///< ours
  peer_kind kind = peer_kind::stranger;
  std::uint32_t uid = 0xffffffff;
  bool via_unix = false;   ///< over a UNIX socket
  std::string user;        ///< … and whose, as the kernel says
  std::string certificate; ///< the user that its certificate names, or empty
};

/// Two clocks at one moment; the session has none of its own.
struct moment {
  std::chrono::steady_clock::time_point steady;
  std::chrono::system_clock::time_point wall;
};

} // namespace saker::session

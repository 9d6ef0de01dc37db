#pragma once

#include "base/unique_fd.hpp"
#include "io/loop.hpp"
#include "io/tls_stream.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

namespace saker::io {

/// Whom a door lets in, and how long it waits.
struct tls_door_options {
  std::chrono::nanoseconds patience = std::chrono::seconds{5};
  std::size_t at_once = 100; ///< then the oldest one gives way
};

/// A client that was let in.
struct tls_guest {
  /// Makes a stream of it, once.
  std::function<std::shared_ptr<stream>(stream_events)> open;
  /// See `tls_engine::common_name`.
  std::string certificate;
};

/// What a door tells of one client, on the I/O thread, never from inside a
/// call. One of both.
struct tls_guest_events {
  /// The handshake is over.
  std::function<void(tls_guest)> secured;
  /// It is not let in, and why, for the log; empty: it went away without
  /// having said anything.
  std::function<void(const std::string& why)> refused;
};

/// Where clients make their handshakes before they become clients. However many
/// come and whatever they do, others do not wait long: there is one step of one
/// handshake in each turn of the I/O thread, a bound on how many are here, and a
/// time after which they have to go. All calls on the I/O thread.
class tls_door : public turn_hook {
public:
  tls_door(loop& where, shared_tls with, tls_door_options options = {});
  ~tls_door() override;

  /// Over a connected socket.
  void admit(unique_fd socket, tls_guest_events events);

  /// How many are on their way.
  std::size_t inside() const noexcept {
    return guests_.size();
  }

  /// Clients from now on are shown this; others keep what they have.
  void use(shared_tls with) {
    with_ = std::move(with);
  }

  void at_end_of_turn() override;

private:
  using clock = std::chrono::steady_clock;

  struct guest {
    std::uint64_t id = 0;
    clock::time_point until;
    std::shared_ptr<tls_stream> stream;
    tls_guest_events events;
    bool refused = false; ///< it is being told so
  };

  std::list<guest>::iterator find(std::uint64_t id);
  void has_come(std::uint64_t id);
  void has_gone(std::uint64_t id);
  void refuse(guest& who, const std::string& why);
  void drop_first(const std::string& why);
  void watch();
  void look();

  loop& where_;
  tls_door_options options_;
  shared_tls with_;
  std::uint64_t last_id_ = 0;
  std::list<guest> guests_;         ///< the oldest first
  std::deque<std::uint64_t> ready_; ///< have something to say
  boost::asio::steady_timer timer_;
  bool watching_ = false;
  /// Of those who may come after it: a timer that was due already.
  std::shared_ptr<bool> here_ = std::make_shared<bool>(true);
};

} // namespace saker::io

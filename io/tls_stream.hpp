#pragma once

#include "io/stream.hpp"
#include "io/tls_engine.hpp"

#include <functional>
#include <memory>
#include <string>

namespace saker::io {

/// A client over TLS: a stream around the stream of its socket, which stays as
/// it is, so plain clients pay nothing for it. First the handshake, for whoever
/// lets clients in (`tls_door`), then a stream like any other. What is written
/// in one turn becomes one record, or as few as it takes.
class tls_stream final : public stream,
                         public turn_hook,
                         public std::enable_shared_from_this<tls_stream> {
public:
  /// During the handshake; on the I/O thread, never from inside a call.
  struct handshake_events {
    std::function<void()> pending; ///< bytes came in: `step` uses them
    std::function<void()> closed;  ///< over: see `reason`
  };

  tls_stream(loop& where, shared_tls with);

  // -- the handshake

  /// Over a connected socket, which becomes non-blocking.
  void begin(unique_fd socket, handshake_events events);

  /// One step: costs up to a millisecond, so whoever calls it says when. After
  /// `failed` the peer is told why, and `closed` follows.
  tls_engine::progress step();

  /// Something was heard of the peer.
  bool heard() const noexcept {
    return heard_;
  }

  /// See `tls_engine`.
  std::string common_name() const {
    return engine_.common_name();
  }

  // -- afterwards

  /// From now on it is a stream with these events; once, after `done`.
  void open(stream_events events);

  void read() override;

  std::string_view input() const noexcept override {
    return input_;
  }

  void write(std::string_view bytes) override;
  void write_all_of(std::string bytes) override;
  void write(shared_bytes bytes) override;
  std::size_t unsent() const noexcept override;
  std::uint64_t sent() const noexcept override;
  void tell_drained() override;
  std::size_t pieces() const noexcept override;
  int descriptor() const noexcept override;
  void finish() override;
  void close() override;

  const std::string& reason() const noexcept override {
    return reason_;
  }

  void at_end_of_turn() override;

private:
  void came_in();
  void use_input();
  void drained();
  void over();
  void encipher(std::string_view bytes);
  void flush();
  void put_out();
  void say_end();
  void fail(const std::string& why);
  void arm();

  loop& where_;
  tls_engine engine_;
  std::shared_ptr<stream> inner_;
  handshake_events greeting_; ///< null once it is open
  stream_events events_;
  std::string input_;
  std::string pending_;     ///< not enciphered yet
  std::size_t unasked_ = 0; ///< unsent bytes that TLS itself has to say
  std::string reason_;
  bool heard_ = false;
  bool secured_ = false; ///< the handshake is over
  bool reading_ = false;
  bool early_ = false;  ///< came in already: to be told at the end of the turn
  bool ended_ = false;  ///< nothing more comes
  bool broken_ = false; ///< bytes could not be enciphered
  bool tell_ = false;   ///< `drained`, once all is enciphered and sent
  bool finishing_ = false;
  bool finished_ = false;
  bool closed_ = false;
};

} // namespace saker::io

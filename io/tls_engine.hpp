#pragma once

#include "io/tls_identity.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace saker::io {

/// The server's side of TLS without a socket: fed what came in, it tells what
/// goes out. OpenSSL reads what was fed where it lies and writes to `output`,
/// so nothing ever waits in here.
class tls_engine {
public:
  enum class progress {
    wants_more, ///< all that was fed is used up
    done,       ///< the handshake; the peer's side of the conversation
    failed,     ///< see `reason`
  };

  explicit tls_engine(shared_tls with);
  ~tls_engine();
  tls_engine(const tls_engine&) = delete;
  tls_engine& operator=(const tls_engine&) = delete;

  /// What came in; has to live until the next call of `handshake` or `receive`
  /// is over, which use it up, or `keep` copies it.
  void feed(std::string_view bytes);

  /// Copies what was fed and is not used yet.
  void keep();

  /// Something was fed that is not used yet.
  bool has_input() const noexcept {
    return !input_.empty();
  }

  /// Goes as far as what was fed allows. Whoever speaks no TLS at all is
  /// answered in plain text.
  progress handshake();

  /// Appends to `into` what was fed, deciphered. `done`: nothing more comes.
  progress receive(std::string& into);

  /// Enciphers. False if it cannot, because the peer began a message of TLS
  /// and holds back the rest: these bytes are lost, and so is the connection.
  bool send(std::string_view bytes);

  /// Says that nothing more comes from here.
  void finish();

  /// Bytes for the peer, since the last `taken`.
  std::string_view output() const noexcept {
    return output_;
  }

  void taken();

  /// Why it failed, in words for the log.
  const std::string& reason() const noexcept {
    return reason_;
  }

  /// The one common name of the certificate that the peer has shown and the
  /// authority has signed; else empty.
  std::string common_name() const;

private:
  struct native; // what OpenSSL needs; keeps its headers out of here

  progress fail(int code);

  shared_tls with_;
  std::unique_ptr<native> native_;
  std::string_view input_;
  std::string kept_;
  std::string output_;
  std::string reason_;
  bool begun_ = false;
};

} // namespace saker::io

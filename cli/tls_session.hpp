#pragma once

#include "base/result.hpp"
#include "cli/transport.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace saker::cli {

/// Whom `saker` believes over TLS, and what it shows. PEM files; empty: the
/// authorities of this machine, and no certificate.
struct tls_files {
  std::string ca = {};
  std::string cert = {};
  std::string key = {};
};

/// TLS as a client over a connected, non-blocking socket: the other side has to
/// show a certificate for the host that was asked for, signed by an authority
/// that we believe.
class tls_session {
public:
  /// Waits until the socket is ready for these events of poll(2); false: not
  /// within `patience`.
  using waiter
    = std::function<bool(int fd, short events, milliseconds patience)>;

  /// Reads the files. Fails: errc::io, with the file and what to do.
  static result<std::unique_ptr<tls_session>>
  make(const tls_files& files, waiter wait);

  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  /// Fails: errc::io with the reason, errc::timeout.
  result<void>
  handshake(int fd, const std::string& host, milliseconds patience);

  /// Sends all of it. Fails: errc::closed, errc::timeout.
  result<void> send(std::string_view bytes, milliseconds patience);

  /// What has come in; empty when `patience` is over. Fails: errc::closed.
  result<std::string> receive(milliseconds patience);

private:
  struct native;

  explicit tls_session(waiter wait);
  result<void> flush(milliseconds patience);
  result<bool> go_on(int code, milliseconds patience);

  std::unique_ptr<native> native_;
  waiter wait_;
  int fd_ = -1;
};

} // namespace saker::cli

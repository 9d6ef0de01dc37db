#pragma once

#include "base/unique_fd.hpp"

#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace saker::test {

/// How a client speaks TLS.
struct tls_client_options {
  std::filesystem::path ca = {};   ///< whom it believes; empty: anybody
  std::filesystem::path cert = {}; ///< empty: it has none
  std::filesystem::path key = {};
  int newest = TLS1_3_VERSION;
  std::string groups = {}; ///< of its key exchange; empty: the usual ones
};

/// A client over TLS that never waits: the test moves both sides by turns.
class tls_client {
public:
  explicit tls_client(unique_fd socket, const tls_client_options& how = {})
    : socket_(std::move(socket)),
      context_(::SSL_CTX_new(::TLS_client_method())) {
    // At an end that nobody said OpenSSL complains to the socket, which is gone.
    ::signal(SIGPIPE, SIG_IGN);
    ::SSL_CTX_set_security_level(context_, 0); // it may be an old one
    ::SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    ::SSL_CTX_set_max_proto_version(context_, how.newest);
    if (!how.groups.empty())
      ::SSL_CTX_set1_groups_list(context_, how.groups.c_str());
    if (!how.ca.empty()) {
      ::SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
      ::SSL_CTX_load_verify_locations(context_, how.ca.c_str(), nullptr);
    }
    if (!how.cert.empty()) {
      ::SSL_CTX_use_certificate_file(context_, how.cert.c_str(),
                                     SSL_FILETYPE_PEM);
      ::SSL_CTX_use_PrivateKey_file(context_, how.key.c_str(),
                                    SSL_FILETYPE_PEM);
    }
    ssl_ = ::SSL_new(context_);
    ::SSL_set_fd(ssl_, socket_.get());
    ::SSL_set_connect_state(ssl_);
  }

  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;

  ~tls_client() {
    ::SSL_free(ssl_);
    ::SSL_CTX_free(context_);
  }

  /// As far as it goes now; true once it is over.
  bool handshake() {
    ::ERR_clear_error();
    return note(::SSL_do_handshake(ssl_)) == 1;
  }

  bool send(std::string_view bytes) {
    ::ERR_clear_error();
    return note(::SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())))
           > 0;
  }

  /// Adds to `received` what has come.
  void receive() {
    char piece[16384];
    for (;;) {
      ::ERR_clear_error();
      auto n = note(::SSL_read(ssl_, piece, sizeof(piece)));
      if (n <= 0)
        return;
      received.append(piece, static_cast<std::size_t>(n));
    }
  }

  /// Says that nothing more comes.
  void finish() {
    ::SSL_shutdown(ssl_);
  }

  int renegotiate() {
    ::SSL_renegotiate(ssl_);
    return ::SSL_do_handshake(ssl_);
  }

  bool update_keys() {
    return ::SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED) == 1
           && ::SSL_do_handshake(ssl_) == 1;
  }

  int socket() const {
    return socket_.get();
  }

  std::string version() const {
    return ::SSL_get_version(ssl_);
  }

  /// The common name of the other side's certificate.
  std::string peer() const {
    auto* shown = ::SSL_get1_peer_certificate(ssl_);
    if (!shown)
      return {};
    char name[64] = {};
    ::X509_NAME_get_text_by_NID(::X509_get_subject_name(shown), NID_commonName,
                                name, sizeof(name));
    ::X509_free(shown);
    return name;
  }

  std::string received;
  bool failed = false; ///< with an error of TLS or of the socket
  bool ended = false;  ///< the other side says that nothing more comes

private:
  int note(int code) {
    if (code > 0)
      return code;
    switch (::SSL_get_error(ssl_, code)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE: break;
      case SSL_ERROR_ZERO_RETURN: ended = true; break;
      default: failed = true; break;
    }
    return code;
  }

  unique_fd socket_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
};

} // namespace saker::test

#include "io/client_tls.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace saker::io {

namespace {

namespace ssl = boost::asio::ssl;
namespace fs = std::filesystem;

/// Of TLS 1.2: with forward secrecy, and authenticated.
constexpr auto ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

failure not_usable(const fs::path& file, const boost::system::error_code& ec) {
  return fail(errc::io, "read " + file.string() + ": " + ec.message()
                          + "; it must be a PEM file, and key must belong to "
                            "cert");
}

void harden(SSL_CTX* x) {
  ::SSL_CTX_set_min_proto_version(x, TLS1_2_VERSION);
  ::SSL_CTX_set_max_proto_version(x, TLS1_3_VERSION);
  ::SSL_CTX_set_cipher_list(x, ciphers);
  ::SSL_CTX_set_options(x, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
                             | SSL_OP_CIPHER_SERVER_PREFERENCE
                             | SSL_OP_NO_TICKET);
  ::SSL_CTX_set_num_tickets(x, 0);
  ::SSL_CTX_set_session_cache_mode(x, SSL_SESS_CACHE_OFF);
  // An idle client keeps no buffers.
  ::SSL_CTX_set_mode(x, SSL_MODE_RELEASE_BUFFERS);
}

} // namespace

result<shared_tls> load_client_tls(const client_tls_files& from) {
  if (auto ok = check_private(from.key); !ok)
    return ok.error();
  auto x = std::make_shared<ssl::context>(ssl::context::tls_server);
  auto* native = x->native_handle();
  harden(native);
  boost::system::error_code ec;
  if (from.ask) {
    x->set_verify_mode(from.demand
                         ? ssl::verify_peer | ssl::verify_fail_if_no_peer_cert
                         : ssl::verify_peer);
    if (x->load_verify_file(from.ca.string(), ec); ec)
      return not_usable(from.ca, ec);
    // Clients with several certificates choose by it.
    ::SSL_CTX_set_client_CA_list(native,
                                 ::SSL_load_client_CA_file(from.ca.c_str()));
  }
  if (x->use_certificate_chain_file(from.cert.string(), ec); ec)
    return not_usable(from.cert, ec);
  if (x->use_private_key_file(from.key.string(), ssl::context::pem, ec); ec)
    return not_usable(from.key, ec);
  return x;
}

std::string complaint_about(const shared_tls& x) {
  auto* shown = ::SSL_CTX_get0_certificate(x->native_handle());
  if (!shown)
    return "there is no certificate";
  if (::X509_cmp_current_time(::X509_get0_notAfter(shown)) < 0)
    return "the certificate has expired: clients will refuse it; make a new "
           "one";
  if (::X509_cmp_current_time(::X509_get0_notBefore(shown)) > 0)
    return "the certificate is not valid yet: clients will refuse it; look at "
           "the clock";
  return {};
}

} // namespace saker::io

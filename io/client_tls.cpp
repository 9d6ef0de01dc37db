#include "io/client_tls.hpp"

#include "base/unique_fd.hpp"

#include <cerrno>

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

namespace saker::io {

namespace {

/// Of TLS 1.2: with forward secrecy, and authenticated.
constexpr auto client_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// The client chooses among them, and others cost us more, which whoever knocks
/// could make us spend: P-384 some milliseconds, ffdhe8192 more than a hundred.
constexpr auto client_groups = "X25519:P-256";

void harden(SSL_CTX* x) {
  ::SSL_CTX_set_min_proto_version(x, TLS1_2_VERSION);
  ::SSL_CTX_set_max_proto_version(x, TLS1_3_VERSION);
  ::SSL_CTX_set_cipher_list(x, client_ciphers);
  ::SSL_CTX_set1_groups_list(x, client_groups);
  ::SSL_CTX_set_options(x, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
                             | SSL_OP_CIPHER_SERVER_PREFERENCE
                             | SSL_OP_NO_TICKET);
  ::SSL_CTX_set_num_tickets(x, 0);
  ::SSL_CTX_set_session_cache_mode(x, SSL_SESS_CACHE_OFF);
  // An idle client keeps no buffers.
  ::SSL_CTX_set_mode(x, SSL_MODE_RELEASE_BUFFERS);
}

failure not_readable(const std::filesystem::path& file, const std::string& why,
                     std::string_view setting) {
  return fail(errc::io, "read " + file.string() + ": " + why + "; [tls] "
                          + std::string{setting}
                          + " has to name a PEM file that Saker may read");
}

/// OpenSSL would say less about it, and wait for the other end of a FIFO.
result<void>
check_file(const std::filesystem::path& file, std::string_view setting) {
  unique_fd fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0)
    return not_readable(file, errno_text(errno), setting);
  if (!S_ISREG(info.st_mode))
    return not_readable(file, "it is no ordinary file", setting);
  return {};
}

bool is_of(const boost::system::error_code& ec, int library, int reason) {
  auto code = static_cast<unsigned long>(ec.value());
  return ERR_GET_LIB(code) == library && ERR_GET_REASON(code) == reason;
}

failure
not_usable(const std::filesystem::path& file,
           const boost::system::error_code& ec, std::string_view setting) {
  auto none = is_of(ec, ERR_LIB_PEM, PEM_R_NO_START_LINE);
  return not_readable(
    file, none ? "no PEM text of that kind is in it" : ec.message(), setting);
}

/// Nobody is there to type the password of a key. Notes that it was asked for.
int know_no_password(char*, int, int, void* asked) {
  if (asked)
    *static_cast<bool*>(asked) = true;
  return -1;
}

result<void>
use_authority(boost::asio::ssl::context& x, const client_tls_files& from) {
  if (auto ok = check_file(from.ca, "ca"); !ok)
    return ok;
  boost::system::error_code ec;
  if (x.load_verify_file(from.ca.string(), ec); ec)
    return not_usable(from.ca, ec, "ca");
  // Clients with several certificates choose by it.
  ::SSL_CTX_set_client_CA_list(x.native_handle(),
                               ::SSL_load_client_CA_file(from.ca.c_str()));
  return {};
}

result<void>
use_certificate(boost::asio::ssl::context& x, const client_tls_files& from) {
  if (auto ok = check_file(from.cert, "cert"); !ok)
    return ok;
  boost::system::error_code ec;
  if (x.use_certificate_chain_file(from.cert.string(), ec); ec)
    return not_usable(from.cert, ec, "cert");
  return {};
}

result<void>
use_key(boost::asio::ssl::context& x, const client_tls_files& from) {
  if (auto ok = check_file(from.key, "key"); !ok)
    return ok;
  if (auto ok = check_private(from.key); !ok)
    return ok;
  auto* native = x.native_handle();
  auto asked = false;
  ::SSL_CTX_set_default_passwd_cb(native, know_no_password);
  ::SSL_CTX_set_default_passwd_cb_userdata(native, &asked);
  boost::system::error_code ec;
  x.use_private_key_file(from.key.string(), boost::asio::ssl::context::pem, ec);
  ::SSL_CTX_set_default_passwd_cb_userdata(native, nullptr);
  if (asked)
    return fail(errc::io, "read " + from.key.string()
                            + ": it is encrypted, and nobody is there to type "
                              "the password; `openssl pkey -in "
                            + from.key.string()
                            + " -out NEW` writes it without one");
  // A key of another kind is noticed only when it is asked for.
  auto strange = ec ? is_of(ec, ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH)
                    : ::SSL_CTX_check_private_key(native) != 1;
  ::ERR_clear_error();
  if (strange)
    return fail(errc::io, "read " + from.key.string()
                            + ": it is the key of another certificate than "
                            + from.cert.string()
                            + "; [tls] cert and key have to belong together");
  if (ec)
    return not_usable(from.key, ec, "key");
  return {};
}

} // namespace

result<shared_tls> load_client_tls(const client_tls_files& from) {
  namespace ssl = boost::asio::ssl;
  auto x = std::make_shared<ssl::context>(ssl::context::tls_server);
  harden(x->native_handle());
  if (from.ask) {
    x->set_verify_mode(from.demand
                         ? ssl::verify_peer | ssl::verify_fail_if_no_peer_cert
                         : ssl::verify_peer);
    if (auto ok = use_authority(*x, from); !ok)
      return ok.error();
  }
  if (auto ok = use_certificate(*x, from); !ok)
    return ok.error();
  if (auto ok = use_key(*x, from); !ok)
    return ok.error();
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

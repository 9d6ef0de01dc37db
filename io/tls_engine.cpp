#include "io/tls_engine.hpp"

#include <algorithm>
#include <cstring>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace saker::io {

/// Where OpenSSL reads and writes.
struct tls_channel {
  std::string_view* input = nullptr;
  std::string* output = nullptr;
};

namespace {

constexpr std::size_t record_size = std::size_t{16} * 1024;
constexpr std::size_t output_kept = std::size_t{4} * 1024;
constexpr char handshake_record = 22; // the first byte of every ClientHello

constexpr std::string_view plain_answer
  = "-ERR this port speaks TLS; connect with it (redis-cli --tls, "
    "rediss://)\r\n";

/// What a person can do about the last error of OpenSSL.
std::string reason_in_words(SSL* of) {
  auto code = ::ERR_peek_last_error();
  switch (ERR_GET_REASON(code)) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return std::string{"its certificate is refused: "}
             + ::X509_verify_cert_error_string(::SSL_get_verify_result(of));
    case SSL_R_WRONG_CURVE: // TLS 1.2: only those of the key exchange
      return "its certificate has a key on another curve than P-256; it needs "
             "TLS "
             "1.3, or a certificate with P-256, Ed25519 or RSA";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "it shows no certificate, and client-certificate is \"required\"";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
      return "it speaks no TLS newer than 1.1, and 1.2 is the least";
    case SSL_R_NO_SHARED_CIPHER:
      return "it has none of our ciphers: for TLS 1.2 ECDHE with AES-GCM or "
             "ChaCha20";
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SHARED_GROUPS:
      return "it has none of our key exchanges: X25519 or P-256";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR: // another authority of the same name
      return std::string{"it refuses our certificate: "}
             + ::ERR_reason_error_string(code);
    default: break;
  }
  auto* text = ::ERR_reason_error_string(code);
  return text ? text : "broken TLS";
}

tls_channel& channel_of(BIO* x) {
  return *static_cast<tls_channel*>(::BIO_get_data(x));
}

int read_bytes(BIO* from, char* into, int most) {
  ::BIO_clear_retry_flags(from);
  auto& input = *channel_of(from).input;
  if (input.empty()) {
    ::BIO_set_retry_read(from);
    return -1;
  }
  auto n = std::min(input.size(), static_cast<std::size_t>(most));
  std::memcpy(into, input.data(), n);
  input.remove_prefix(n);
  return static_cast<int>(n);
}

int write_bytes(BIO* to, const char* bytes, int size) {
  channel_of(to).output->append(bytes, static_cast<std::size_t>(size));
  return size;
}

long control(BIO*, int what, long, void*) {
  return what == BIO_CTRL_FLUSH ? 1 : 0;
}

/// Lives as long as the process.
BIO_METHOD* channel_method() {
  static auto* method = [] {
    auto* x = ::BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
                             "saker");
    ::BIO_meth_set_read(x, read_bytes);
    ::BIO_meth_set_write(x, write_bytes);
    ::BIO_meth_set_ctrl(x, control);
    return x;
  }();
  return method;
}

} // namespace

struct tls_engine::native {
  explicit native(SSL_CTX* with) : ssl(::SSL_new(with)) {
    // nop
  }

  native(const native&) = delete;
  native& operator=(const native&) = delete;

  ~native() {
    ::SSL_free(ssl); // and its BIO
  }

  SSL* ssl;
  tls_channel both;
};

tls_engine::tls_engine(shared_tls with)
  : with_(std::move(with)),
    native_(std::make_unique<native>(with_->native_handle())) {
  native_->both = {&input_, &output_};
  auto* bio = ::BIO_new(channel_method());
  ::BIO_set_data(bio, &native_->both);
  ::BIO_set_init(bio, 1);
  ::SSL_set_bio(native_->ssl, bio, bio);
  ::SSL_set_accept_state(native_->ssl);
}

tls_engine::~tls_engine() {
  // nop
}

void tls_engine::feed(std::string_view bytes) {
  if (!has_input()) {
    input_ = bytes;
    return;
  }
  keep();
  kept_ += bytes;
  input_ = kept_;
}

void tls_engine::keep() {
  std::string copy{input_};
  kept_ = std::move(copy);
  input_ = kept_;
}

tls_engine::progress tls_engine::handshake() {
  if (!begun_ && has_input()) {
    begun_ = true;
    if (input_.front() != handshake_record) {
      output_ += plain_answer;
      reason_ = "it speaks no TLS: connect with TLS, or to another address";
      return progress::failed;
    }
  }
  ::ERR_clear_error();
  auto n = ::SSL_do_handshake(native_->ssl);
  if (n == 1)
    return progress::done;
  auto so = fail(n);
  if (so != progress::done)
    return so;
  // It says that nothing more comes, before it has shown who it is.
  reason_ = "it left before the handshake was over";
  return progress::failed;
}

tls_engine::progress tls_engine::receive(std::string& into) {
  thread_local const auto buffer // as in `stream`
    = std::make_unique_for_overwrite<char[]>(record_size);
  for (;;) {
    ::ERR_clear_error();
    std::size_t n = 0;
    auto code = ::SSL_read_ex(native_->ssl, buffer.get(), record_size, &n);
    if (code != 1)
      return fail(code);
    into.append(buffer.get(), n);
  }
}

bool tls_engine::send(std::string_view bytes) {
  if (bytes.empty())
    return true;
  ::ERR_clear_error();
  std::size_t n = 0;
  if (::SSL_write_ex(native_->ssl, bytes.data(), bytes.size(), &n) == 1)
    return true;
  ::ERR_clear_error();
  return false;
}

void tls_engine::finish() {
  ::ERR_clear_error();
  ::SSL_shutdown(native_->ssl);
  ::ERR_clear_error();
}

void tls_engine::taken() {
  if (output_.capacity() > output_kept)
    std::string{}.swap(output_);
  else
    output_.clear();
}

tls_engine::progress tls_engine::fail(int code) {
  switch (::SSL_get_error(native_->ssl, code)) {
    case SSL_ERROR_WANT_READ:
      if (kept_.capacity() > 0)
        std::string{}.swap(kept_);
      input_ = {};
      return progress::wants_more;
    case SSL_ERROR_ZERO_RETURN: return progress::done;
    default: break;
  }
  reason_ = reason_in_words(native_->ssl);
  ::ERR_clear_error();
  return progress::failed;
}

std::string tls_engine::common_name() const {
  auto* shown = ::SSL_get1_peer_certificate(native_->ssl);
  if (!shown)
    return {};
  std::unique_ptr<X509, void (*)(X509*)> owner{shown, ::X509_free};
  if (::SSL_get_verify_result(native_->ssl) != X509_V_OK)
    return {};
  auto* subject = ::X509_get_subject_name(shown);
  auto at = ::X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0 || ::X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
    return {}; // none, or several: nobody can say which one counts
  unsigned char* text = nullptr;
  auto size = ::ASN1_STRING_to_UTF8(
    &text, ::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(subject, at)));
  if (size < 0)
    return {};
  std::string name{reinterpret_cast<char*>(text),
                   static_cast<std::size_t>(size)};
  OPENSSL_free(text);
  return name;
}

} // namespace saker::io

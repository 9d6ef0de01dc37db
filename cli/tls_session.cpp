#include "cli/tls_session.hpp"

#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

namespace saker::cli {

namespace {

std::string last_error() {
  auto* text = ::ERR_reason_error_string(::ERR_peek_last_error());
  return text ? text : "it closed the connection";
}

failure useless(const std::string& file) {
  auto text = last_error();
  ::ERR_clear_error();
  return fail(errc::io, "read " + file + ": " + text
                          + "; it must be a PEM file that you may read");
}

bool is_number(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1
         || ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

} // namespace

struct tls_session::native {
  native() : context(::SSL_CTX_new(::TLS_client_method())) {
    // nop
  }

  native(const native&) = delete;
  native& operator=(const native&) = delete;

  ~native() {
    ::SSL_free(ssl); // and both BIOs
    ::SSL_CTX_free(context);
  }

  SSL_CTX* context;
  SSL* ssl = nullptr;
  BIO* input = nullptr;
  BIO* output = nullptr;
};

tls_session::tls_session(waiter wait)
  : native_(std::make_unique<native>()), wait_(std::move(wait)) {
  // nop
}

tls_session::~tls_session() {
  // nop
}

result<std::unique_ptr<tls_session>>
tls_session::make(const tls_files& files, waiter wait) {
  std::unique_ptr<tls_session> x{new tls_session{std::move(wait)}};
  auto* context = x->native_->context;
  ::ERR_clear_error();
  ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (files.ca.empty())
    ::SSL_CTX_set_default_verify_paths(context);
  else if (::SSL_CTX_load_verify_locations(context, files.ca.c_str(), nullptr)
           != 1)
    return useless(files.ca);
  if (files.cert.empty())
    return x;
  if (::SSL_CTX_use_certificate_chain_file(context, files.cert.c_str()) != 1)
    return useless(files.cert);
  auto& key = files.key.empty() ? files.cert : files.key;
  if (::SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM)
      != 1)
    return useless(key);
  return x;
}

result<void>
tls_session::handshake(int fd, const std::string& host, milliseconds patience) {
  fd_ = fd;
  auto& x = *native_;
  x.ssl = ::SSL_new(x.context);
  x.input = ::BIO_new(::BIO_s_mem());
  x.output = ::BIO_new(::BIO_s_mem());
  ::SSL_set_bio(x.ssl, x.input, x.output);
  if (is_number(host)) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(x.ssl), host.c_str());
  } else {
    ::SSL_set_tlsext_host_name(x.ssl, host.c_str());
    ::SSL_set1_host(x.ssl, host.c_str());
  }
  for (;;) {
    ::ERR_clear_error();
    auto code = ::SSL_connect(x.ssl);
    if (code == 1)
      return flush(patience);
    auto more = go_on(code, patience);
    if (more && *more)
      continue;
    if (more)
      return fail(errc::timeout, "no TLS handshake in time");
    auto verdict = ::SSL_get_verify_result(x.ssl);
    if (verdict != X509_V_OK)
      return fail(errc::io,
                  std::string{"its certificate is not believed: "}
                    + ::X509_verify_cert_error_string(verdict)
                    + "; --cacert names the authority that signed it");
    return fail(errc::io, "no TLS: " + more.error().detail);
  }
}

result<void> tls_session::send(std::string_view bytes, milliseconds patience) {
  while (!bytes.empty()) {
    ::ERR_clear_error();
    std::size_t n = 0;
    if (::SSL_write_ex(native_->ssl, bytes.data(), bytes.size(), &n) != 1)
      return fail(errc::closed, last_error());
    bytes.remove_prefix(n);
  }
  return flush(patience);
}

result<std::string> tls_session::receive(milliseconds patience) {
  std::array<char, 16'384> piece{};
  for (;;) {
    ::ERR_clear_error();
    std::size_t n = 0;
    auto code = ::SSL_read_ex(native_->ssl, piece.data(), piece.size(), &n);
    if (code == 1)
      return std::string{piece.data(), n};
    auto more = go_on(code, patience);
    if (!more) // such as that our certificate is missing: TLS 1.3 tells it late
      return more.error();
    if (!*more)
      return std::string{};
  }
}

/// What OpenSSL wants to be sent. Not by itself: a peer that is gone would make
/// a signal.
result<void> tls_session::flush(milliseconds patience) {
  char* bytes = nullptr;
  auto left = ::BIO_get_mem_data(native_->output, &bytes);
  while (left > 0) {
    auto n = ::send(fd_, bytes, static_cast<std::size_t>(left), MSG_NOSIGNAL);
    if (n > 0) {
      bytes += n;
      left -= n;
    } else if (errno == EAGAIN) {
      if (!wait_(fd_, POLLOUT, patience))
        return fail(errc::timeout, "it does not read what we send");
    } else if (errno != EINTR) {
      return fail(errc::closed, errno_text(errno));
    }
  }
  (void)BIO_reset(native_->output);
  return {};
}

/// After OpenSSL could not go on: true once more has come in, false if nothing
/// did.
result<bool> tls_session::go_on(int code, milliseconds patience) {
  auto why = ::SSL_get_error(native_->ssl, code);
  auto text = why == SSL_ERROR_ZERO_RETURN ? "it closed the connection"
                                           : last_error();
  auto flushed = flush(patience); // an alert, too
  if (why != SSL_ERROR_WANT_READ)
    return fail(errc::closed, text);
  if (!flushed)
    return flushed.error();
  std::array<char, 16'384> piece{};
  for (;;) {
    auto n = ::recv(fd_, piece.data(), piece.size(), 0);
    if (n > 0) {
      ::BIO_write(native_->input, piece.data(), static_cast<int>(n));
      return true;
    }
    if (n == 0)
      return fail(errc::closed, "it closed the connection");
    if (errno == EAGAIN && !wait_(fd_, POLLIN, patience))
      return false;
    if (errno != EAGAIN && errno != EINTR)
      return fail(errc::closed, errno_text(errno));
  }
}

} // namespace saker::cli

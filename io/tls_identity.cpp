#include "io/tls_identity.hpp"

#include "base/text.hpp"
#include "base/unique_fd.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

namespace saker::io {

namespace {

namespace ssl = boost::asio::ssl;
namespace fs = std::filesystem;

constexpr std::size_t largest_secret = 4096;

/// Opened without waiting for the other end of a FIFO.
result<unique_fd> open_private(const fs::path& file) {
  unique_fd fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!fd)
    return system_failure("read", file.string(), errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0)
    return system_failure("read", file.string(), errno);
  if ((info.st_mode & 07) != 0)
    return fail(errc::not_permitted, "read " + file.string()
                                       + ": every user may open it; type: "
                                         "chmod o= "
                                       + file.string());
  return fd;
}

failure unusable(const fs::path& file, const boost::system::error_code& ec) {
  return fail(errc::io, "read " + file.string() + ": " + ec.message());
}

} // namespace

result<void> check_private(const fs::path& file) {
  if (auto readable = open_private(file); !readable)
    return readable.error();
  return {};
}

result<shared_tls>
load_tls(const fs::path& cert, const fs::path& key, const fs::path& ca) {
  if (auto ok = check_private(key); !ok)
    return ok.error();
  auto x = std::make_shared<ssl::context>(ssl::context::tls);
  boost::system::error_code ec;
  ::SSL_CTX_set_min_proto_version(x->native_handle(), TLS1_3_VERSION);
  ::SSL_CTX_set_num_tickets(x->native_handle(), 0);
  ::SSL_CTX_set_session_cache_mode(x->native_handle(), SSL_SESS_CACHE_OFF);
  x->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  if (x->load_verify_file(ca.string(), ec); ec)
    return unusable(ca, ec);
  if (x->use_certificate_chain_file(cert.string(), ec); ec)
    return unusable(cert, ec);
  if (x->use_private_key_file(key.string(), ssl::context::pem, ec); ec)
    return unusable(key, ec);
  return x;
}

result<std::string> read_secret(const fs::path& file) {
  auto fd = open_private(file);
  if (!fd)
    return fd.error();
  std::array<char, largest_secret + 1> bytes{};
  auto n = ::read(fd->get(), bytes.data(), bytes.size());
  if (n < 0)
    return system_failure("read", file.string(), errno);
  auto size = static_cast<std::size_t>(n);
  if (size > largest_secret)
    return fail(errc::limit,
                "read " + file.string() + ": a secret has at most 4096 bytes");
  auto text = std::string{trim({bytes.data(), size})};
  if (text.empty())
    return fail(errc::invalid_argument,
                "read " + file.string()
                  + ": it is empty; type: openssl rand -hex 32 > "
                  + file.string());
  return text;
}

} // namespace saker::io

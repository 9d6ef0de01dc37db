#include "io/tunnel_proof.hpp"

#include <array>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace saker::io {

namespace {

const unsigned char* bytes(std::string_view x) {
  return reinterpret_cast<const unsigned char*>(x.data());
}

/// Length first: no two different pairs make the same text.
void append(std::string& to, std::string_view x) {
  to += std::to_string(x.size());
  to += ':';
  to += x;
}

} // namespace

std::string fresh_nonce() {
  std::string x(nonce_size, '\0');
  if (::RAND_bytes(reinterpret_cast<unsigned char*>(x.data()), nonce_size) != 1)
    throw std::runtime_error("OpenSSL has no random bytes");
  return x;
}

std::string proof(std::string_view cookie, bool dialled, std::string_view mine,
                  std::string_view theirs) {
  std::string text = dialled ? "dialled " : "answered ";
  append(text, mine);
  append(text, theirs);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  ::HMAC(::EVP_sha256(), cookie.data(), static_cast<int>(cookie.size()),
         bytes(text), text.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

bool same_secret(std::string_view x, std::string_view y) noexcept {
  return x.size() == y.size()
         && ::CRYPTO_memcmp(x.data(), y.data(), x.size()) == 0;
}

} // namespace saker::io

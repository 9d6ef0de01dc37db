#include "config/password.hpp"

#include "base/text.hpp"

#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace saker::config {

namespace {

constexpr std::size_t digits = 64;

} // namespace

std::string password_hash(std::string_view password) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned int size = 0;
  if (EVP_Digest(password.data(), password.size(), sum.data(), &size,
                 EVP_sha256(), nullptr)
      != 1)
    return {};
  static constexpr char hex[] = "0123456789abcdef";
  std::string result;
  for (unsigned int i = 0; i < size; ++i) {
    result += hex[sum[i] >> 4];
    result += hex[sum[i] & 15];
  }
  return result;
}

bool password_matches(std::string_view password, std::string_view hash) {
  auto mine = password_hash(password);
  auto wanted = to_lower(hash);
  return mine.size() == digits && wanted.size() == digits
         && CRYPTO_memcmp(mine.data(), wanted.data(), digits) == 0;
}

bool is_password_hash(std::string_view x) noexcept {
  if (x.size() != digits)
    return false;
  return x.find_first_not_of("0123456789abcdefABCDEF")
         == std::string_view::npos;
}

} // namespace saker::config

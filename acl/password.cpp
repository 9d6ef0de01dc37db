#include "acl/password.hpp"

#include "base/text.hpp"

#include <array>
#include <cerrno>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

namespace saker::acl {

namespace {

constexpr std::size_t digits = 64;
constexpr char hex_digits[] = "0123456789abcdef";

} // namespace

std::string password_hash(std::string_view password) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned int size = 0;
  if (EVP_Digest(password.data(), password.size(), sum.data(), &size,
                 EVP_sha256(), nullptr)
      != 1)
    return {};
  std::string result;
  for (unsigned int i = 0; i < size; ++i) {
    result += hex_digits[sum[i] >> 4];
    result += hex_digits[sum[i] & 15];
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

result<std::string> random_password(std::size_t bits) {
  auto wanted = (bits + 3) / 4;
  std::string bytes((wanted + 1) / 2, '\0');
  for (std::size_t have = 0; have < bytes.size();) {
    auto n = ::getrandom(bytes.data() + have, bytes.size() - have, 0);
    if (n < 0 && errno != EINTR)
      return system_failure("getrandom", "a password", errno);
    have += n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  std::string text;
  for (auto c : bytes) {
    text += hex_digits[static_cast<unsigned char>(c) >> 4];
    text += hex_digits[static_cast<unsigned char>(c) & 15];
  }
  text.resize(wanted);
  return text;
}

} // namespace saker::acl

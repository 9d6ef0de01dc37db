#include "lua/api_arguments.hpp"
#include "lua/api_families.hpp"
#include "lua/budget.hpp"
#include "lua/guarded.hpp"

#include <array>
#include <cerrno>

#include <openssl/evp.h>
#include <sys/random.h>

namespace saker::lua {

namespace {

std::string
hex(const unsigned char* data, std::size_t size, std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    out += digits[data[i] >> 4];
    out += digits[data[i] & 15];
  }
  return out;
}

/// Version 4: random, in the form that RFC 4122 demands.
int uuid(lua_State* L) {
  constexpr std::uint64_t instructions = 100;
  charge(L, instructions);
  std::array<unsigned char, 16> x{};
  // Below 256 bytes it is whole or an error, and the pool is ready since boot.
  if (::getrandom(x.data(), x.size(), 0) != static_cast<ssize_t>(x.size()))
    return refuse(L, "uuid", "getrandom: " + errno_text(errno));
  x[6] = static_cast<unsigned char>((x[6] & 0x0f) | 0x40);
  x[8] = static_cast<unsigned char>((x[8] & 0x3f) | 0x80);
  auto text = hex(x.data(), x.size(), "0123456789ABCDEF");
  for (auto at : {8, 13, 18, 23})
    text.insert(static_cast<std::size_t>(at), 1, '-');
  push_text(L, text);
  return 1;
}

/// Of a text, or of its first bytes.
int md5(lua_State* L) {
  if (lua_type(L, 1) != LUA_TSTRING && lua_type(L, 1) != LUA_TNUMBER)
    return refuse(L, wrong(L, "md5", "the text", "a string", 1).detail);
  std::size_t size;
  lua_settop(L, 2);
  auto data = lua_tolstring(L, 1, &size);
  if (!lua_isnil(L, 2)) {
    auto length = integer_argument(L, "md5", "the length", 2);
    if (!length)
      return refuse(L, length.error().detail);
    if (*length < 0 || static_cast<std::uint64_t>(*length) > size)
      return refuse(L, "md5",
                    "the length must be 0 to " + std::to_string(size)
                      + ", the length of the text");
    size = static_cast<std::size_t>(*length);
  }
  charge(L, 100 + size / bytes_per_instruction);
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned written = 0;
  if (::EVP_Digest(data, size, sum.data(), &written, ::EVP_md5(), nullptr) != 1)
    return refuse(L, "md5", "OpenSSL does not offer MD5 here");
  push_text(L, hex(sum.data(), written, "0123456789abcdef"));
  return 1;
}

} // namespace

void add_text_functions(lua_State* L) {
  static constexpr luaL_Reg functions[] = {
    {"md5", guarded<md5>},
    {"uuid", guarded<uuid>},
    {nullptr, nullptr},
  };
  luaL_setfuncs(L, functions, 0);
}

} // namespace saker::lua

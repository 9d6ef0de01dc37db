#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace saker {

/// `http://host:port/path?query` in its parts, or `https://…`.
struct http_url {
  std::string host;        ///< a name or an address, IPv6 without brackets
  std::string port = "80"; ///< of https 443
  std::string authority;   ///< as it was written: `[::1]:8080`
  std::string target = "/";
  bool tls = false; ///< https

  bool operator==(const http_url&) const = default;
};

/// Fails: errc::syntax, with what is wrong.
result<http_url> parse_http_url(std::string_view text);

} // namespace saker

#pragma once

#include "base/result.hpp"
#include "config/listen_address.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace saker::session {

using address_list = std::vector<config::listen_address>;

/// The addresses of a text as `bind` has it, `127.0.0.1 -::1`, with that port.
/// `*` is all of IPv4, `::*` all of IPv6. Fails with what is wrong with a word.
result<address_list> bound_addresses(std::string_view bind, std::uint16_t port);

/// A host as `bind` shows it.
std::string bound_host(const config::listen_address& x);

/// How to get from addresses that are listened on to others.
struct listen_change {
  /// In the way of one of `open`: `127.0.0.1` of `0.0.0.0`, both with one port.
  address_list close_first;
  address_list open;
  address_list close; ///< once the new ones are open

  bool empty() const {
    return close_first.empty() && open.empty() && close.empty();
  }
};

listen_change change_between(const address_list& now, const address_list& next);

/// Whether the kernel lets only one of them listen.
bool excludes(const config::listen_address& x, const config::listen_address& y);

} // namespace saker::session

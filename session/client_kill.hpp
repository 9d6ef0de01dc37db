#pragma once

#include "base/result.hpp"
#include "resp/value.hpp"
#include "session/client_list.hpp"
#include "session/settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace saker::session {

/// Whom CLIENT KILL is to end.
struct kill_order {
  client_filter::kind type = client_filter::kind::any;
  std::optional<std::string> address;
  std::optional<std::string> local_address;
  std::optional<std::string> user;
  std::uint64_t id = 0;     ///< 0: any
  bool spare_me = true;     ///< not whoever gives the order
  bool one_address = false; ///< `CLIENT KILL address`: OK instead of a number

  /// `me` is the id of the client that gave the order.
  bool hits(const client_figures& x, std::uint64_t me) const noexcept;

  resp::value reply(std::size_t killed) const;
};

/// Reads `CLIENT KILL address` or `CLIENT KILL [ID n] [TYPE t] [USER name]
/// [ADDR a] [LADDR a] [SKIPME yes|no]`; `args` from CLIENT on. Fails with the
/// text of the error, code included.
result<kill_order>
parse_kill_order(std::span<const std::string> args, const settings& config);

} // namespace saker::session

#pragma once

#include "base/result.hpp"
#include "cli/address.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace saker::cli {

using std::chrono::milliseconds;

/// Waiting without an end.
inline constexpr auto forever = milliseconds::max();

/// What a connection needs of the world: one stream of bytes, and time. The
/// seam between what the command line says and the operating system.
class transport {
public:
  virtual ~transport() = default;

  /// Connects, in place of what was connected before. Fails: errc::io with
  /// `connect ADDRESS: reason`.
  virtual result<void>
  connect(const server_address& to, milliseconds patience) = 0;

  /// Sends all of it. Fails: errc::closed, errc::timeout.
  virtual result<void> send(std::string_view bytes) = 0;

  /// What has come in; empty when `patience` is over. Fails: errc::closed.
  virtual result<std::string> receive(milliseconds patience) = 0;

  /// A clock that only goes forward.
  virtual milliseconds now() = 0;

  /// Lets time pass.
  virtual void pause(milliseconds time) = 0;
};

} // namespace saker::cli

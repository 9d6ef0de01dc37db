#pragma once

#include "base/unique_fd.hpp"
#include "cli/transport.hpp"

namespace saker::cli {

/// The kernel's sockets and clock.
class socket_transport : public transport {
public:
  result<void>
  connect(const server_address& to, milliseconds patience) override;
  result<void> send(std::string_view bytes) override;
  result<std::string> receive(milliseconds patience) override;
  milliseconds now() override;
  void pause(milliseconds time) override;

private:
  unique_fd socket_;
};

} // namespace saker::cli

#pragma once

#include "base/unique_fd.hpp"
#include "cli/tls_session.hpp"
#include "cli/transport.hpp"

#include <memory>

namespace saker::cli {

/// The kernel's sockets and clock.
class socket_transport : public transport {
public:
  explicit socket_transport(tls_files files = {}) : files_(std::move(files)) {
    // nop
  }

  result<void>
  connect(const server_address& to, milliseconds patience) override;
  result<void> send(std::string_view bytes) override;
  result<std::string> receive(milliseconds patience) override;
  milliseconds now() override;
  void pause(milliseconds time) override;

private:
  result<void> secure(const server_address& to, milliseconds patience);

  tls_files files_;
  unique_fd socket_;
  std::unique_ptr<tls_session> tls_; ///< null: plain
};

} // namespace saker::cli

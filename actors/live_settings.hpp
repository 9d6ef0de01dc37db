#pragma once

#include "config/settings.hpp"
#include "session/client_pause.hpp"
#include "session/parameters.hpp"
#include "session/settings.hpp"

#include <chrono>
#include <cstdint>

namespace saker {

/// What CONFIG SET changes while clients are there. I/O thread only: the
/// GATEWAY writes it, CONNECTIONs read it.
struct live_settings {
  session::shared_settings sessions; ///< of clients from now on
  config::limit_settings limits;
  std::uint64_t max_clients = 10'000;
  std::chrono::seconds idle{0};         ///< then a client is closed; 0: never
  std::chrono::seconds keep_alive{300}; ///< 0: TCP does not ask

  /// Commands wait for services and scripts that still load, instead of being
  /// refused.
  bool patient = false;

  session::suspension suspended = session::suspension::none; ///< CLIENT PAUSE
  std::chrono::steady_clock::time_point suspended_until{};

  std::string password_hash; ///< of `default`, as the parameters had it last

  /// Takes over what is set, on top of what `base` says. Users stay as they
  /// are now, but for the password of `default` if that has been set anew.
  void use(const session::parameters& x, const session::settings& base);

  /// What they are once that counts.
  acl::shared_users users_under(const session::parameters& x) const;

  /// From now on these are the users.
  void use(acl::shared_users x);
};

/// With this password of user `default` and no other, or with none if it is
/// empty; as they are if it is one of its passwords.
acl::user_list with_password(acl::user_list users, const std::string& hash);

/// TCP asks the other end after so much silence whether it is still there.
void keep_alive(int socket, std::chrono::seconds after);

} // namespace saker

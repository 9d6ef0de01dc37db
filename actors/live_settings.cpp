#include "actors/live_settings.hpp"

#include "session/slow_log.hpp"

#include <algorithm>
#include <memory>
#include <tuple>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace saker {

acl::user_list with_password(acl::user_list users, const std::string& hash) {
  auto first = users.find("default");
  if (hash.empty() ? first->open() : first->has_password(hash))
    return users;
  auto rules = std::vector<std::string>{"nopass"};
  if (!hash.empty())
    rules = {"resetpass", '#' + hash};
  std::ignore = users.change("default", rules); // they are well
  return users;
}

void live_settings::use(const session::parameters& x,
                        const session::settings& base) {
  auto bytes = [&x](std::string_view name) {
    return static_cast<std::uint64_t>(x.integer(name));
  };
  limits.bulk = bytes("proto-max-bulk-len");
  limits.query_buffer = bytes("client-query-buffer-limit");
  limits.output_normal = x.output_limit("normal");
  limits.output_pubsub = x.output_limit("pubsub");
  max_clients = bytes("maxclients");
  idle = std::chrono::seconds{x.integer("timeout")};
  keep_alive = std::chrono::seconds{x.integer("tcp-keepalive")};
  auto next = std::make_shared<session::settings>(base);
  next->requests.bulk = limits.bulk;
  next->query_buffer = limits.query_buffer;
  if (auto log = base.slow.get()) {
    log->set_slower_than(
      std::chrono::microseconds{x.integer("slowlog-log-slower-than")});
    log->set_length(bytes("slowlog-max-len"));
    log->latencies().set_threshold(
      std::chrono::milliseconds{x.integer("latency-monitor-threshold")});
  }
  if (base.denials)
    base.denials->set_length(bytes("acllog-max-len"));
  if (!sessions)
    sessions = next;
  next->users = users_under(x);
  password_hash = x.password_hash();
  sessions = std::move(next);
}

acl::shared_users
live_settings::users_under(const session::parameters& x) const {
  // ACL SETUSER may have changed it meanwhile: what was not set stays so.
  auto hash = x.password_hash();
  if (hash == password_hash)
    return sessions->users;
  return std::make_shared<const acl::user_list>(
    with_password(*sessions->users, hash));
}

void live_settings::use(acl::shared_users x) {
  auto next = std::make_shared<session::settings>(*sessions);
  next->users = std::move(x);
  sessions = std::move(next);
}

void keep_alive(int socket, std::chrono::seconds after) {
  if (after.count() <= 0)
    return;
  // Three questions in the time of one silence, as in Redis.
  int on = 1;
  int most = 32'767;
  int idle = static_cast<int>(std::min<std::int64_t>(after.count(), most));
  int between = std::max(idle / 3, 1);
  int count = 3;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof(between));
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

} // namespace saker

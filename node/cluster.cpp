#include "node/cluster.hpp"

#include "io/named_tunnel.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace saker::node {

namespace {

constexpr int waiting_connections = 64;

struct socket_address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

/// Of a numeric address.
socket_address resolve(const config::listen_address& x) {
  socket_address result;
  if (x.host.find(':') != std::string::npos) {
    auto& to = reinterpret_cast<sockaddr_in6&>(result.bytes);
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(x.port);
    ::inet_pton(AF_INET6, x.host.c_str(), &to.sin6_addr);
    result.size = sizeof(to);
  } else {
    auto& to = reinterpret_cast<sockaddr_in&>(result.bytes);
    to.sin_family = AF_INET;
    to.sin_port = htons(x.port);
    ::inet_pton(AF_INET, x.host.c_str(), &to.sin_addr);
    result.size = sizeof(to);
  }
  return result;
}

result<unique_fd> listening_socket(const config::listen_address& where) {
  auto address = resolve(where);
  unique_fd fd{::socket(address.bytes.ss_family,
                        SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  auto shown = to_string(where);
  if (!fd)
    return system_failure("listen on", shown, errno);
  int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address.bytes),
             address.size)
        != 0
      || ::listen(fd.get(), waiting_connections) != 0)
    return system_failure("listen on", shown, errno);
  return fd;
}

bool is_loopback(const std::string& host) {
  config::listen_address x;
  x.host = host;
  return x.loopback();
}

io::named_target by_name(io::loop& where, const config::named_address& to,
                         io::tunnel_options options, bool insecure) {
  io::named_target x;
  x.host = to.host;
  x.port = to.port;
  x.dial = [&where, port = to.port, options = std::move(options)](
             const std::string& address, io::tunnel_events events) {
    return io::dial(where, address, port, options, std::move(events));
  };
  if (insecure)
    x.allowed = is_loopback;
  return x;
}

} // namespace

result<cluster_secrets> read_secrets(const config::cluster_settings& from) {
  cluster_secrets result;
  if (!from.listen)
    return result;
  if (!from.cookie_file.empty()) {
    auto cookie = io::read_secret(from.cookie_file);
    if (!cookie)
      return fail(cookie.error().code,
                  "cluster.cookie-file: " + cookie.error().detail);
    result.cookie = std::move(*cookie);
  }
  if (!from.insecure) {
    auto tls = io::load_tls(from.cert, from.key, from.ca);
    if (!tls)
      return fail(tls.error().code, "cluster.tls: " + tls.error().detail);
    result.tls = std::move(*tls);
  }
  return result;
}

void connect_cluster(const config::cluster_settings& from,
                     const cluster_secrets& secrets, io::loop& where,
                     cluster_links& into) {
  if (!from.listen)
    return;
  into.self.address = to_string(*from.listen);
  into.seeds = from.join;
  auto options = [secrets, dead_after = from.dead_after](std::string hello) {
    io::tunnel_options x;
    x.tls = secrets.tls;
    x.cookie = secrets.cookie;
    x.hello = std::move(hello);
    x.dead_after = dead_after;
    return x;
  };
  into.listen
    = [&where, address = *from.listen](
        io::listener_events events) -> result<std::shared_ptr<io::listener>> {
    auto socket = listening_socket(address);
    if (!socket)
      return socket.error();
    return io::listen_on(where, std::move(*socket), std::move(events));
  };
  auto names = std::make_shared<io::name_lookup>(
    io::name_lookup_links{io::run_on_a_thread});
  into.dial =
    [&where, options, names, seeds = from.join, insecure = from.insecure](
      const std::string& address, std::string hello, io::tunnel_events events) {
      // Only names of the configuration are looked up, not what others tell.
      auto named = config::parse_named_address(address);
      auto is_seed = std::find(seeds.begin(), seeds.end(), address)
                     != seeds.end();
      if (named && is_seed)
        return io::dial_by_name(
          where, *names,
          by_name(where, *named, options(std::move(hello)), insecure),
          std::move(events));
      auto to = config::parse_listen_address(address, {});
      // What other nodes tell of themselves may be no address at all.
      auto host = to && to->is_tcp() ? to->host : std::string{"0.0.0.0"};
      auto port = to && to->is_tcp() ? to->port : std::uint16_t{0};
      return io::dial(where, host, port, options(std::move(hello)),
                      std::move(events));
    };
  into.answer = [&where, options](unique_fd socket, std::string hello,
                                  io::tunnel_events events) {
    return io::tunnel_over(where, std::move(socket), false,
                           options(std::move(hello)), std::move(events));
  };
}

} // namespace saker::node

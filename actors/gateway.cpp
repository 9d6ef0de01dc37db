#include "actors/gateway.hpp"

#include "actors/memory_reply.hpp"
#include "actors/reply_text.hpp"
#include "actors/stopwatch.hpp"
#include "base/text.hpp"
#include "process/account.hpp"
#include "process/peer.hpp"
#include "session/latency_reply.hpp"

#include <algorithm>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace saker {

namespace {

using namespace std::chrono_literals;

/// How many descriptors clients must leave to others. Without any, the keeper
/// could not hand over the output of a child.
constexpr rlim_t descriptors_kept = 64;

/// Clients beyond max-clients if they are root or Saker's own user: whoever
/// fills all places must not keep those out who can end that.
constexpr std::size_t places_kept = 16;

/// What a client makes us keep.
std::size_t held_by(const session::client_figures& x) noexcept {
  return x.unsent_bytes + x.query_buffer + x.queued_bytes;
}

/// The kernel gives the lowest free number, so a high one means that few are
/// left, and those are for children, logs and scripts.
bool takes_too_much(const unique_fd& socket, bool owner) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return false;
  auto kept = std::min<rlim_t>(descriptors_kept, limit.rlim_cur / 4);
  if (owner)
    kept /= 2;
  return static_cast<rlim_t>(socket.get()) + kept >= limit.rlim_cur;
}

std::string text_of(const sockaddr_storage& x, socklen_t length) {
  char text[INET6_ADDRSTRLEN] = {};
  if (x.ss_family == AF_INET) {
    auto& in = reinterpret_cast<const sockaddr_in&>(x);
    ::inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
    return std::string{text} + ':' + std::to_string(ntohs(in.sin_port));
  }
  if (x.ss_family == AF_INET6) {
    auto& in = reinterpret_cast<const sockaddr_in6&>(x);
    ::inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof(text));
    return '[' + std::string{text} + "]:" + std::to_string(ntohs(in.sin6_port));
  }
  if (x.ss_family == AF_UNIX && length > sizeof(sa_family_t))
    return reinterpret_cast<const sockaddr_un&>(x).sun_path;
  return "unix";
}

/// Of those that are named by the kernel. Other names would have to be looked
/// up, and name services may block.
std::string local_user(const process::peer& x) {
  static const std::string own = process::user_name(::geteuid());
  switch (x.who) {
    case process::peer::kind::unknown: return {};
    case process::peer::kind::root: return "root";
    case process::peer::kind::self: return own;
    case process::peer::kind::other: break;
  }
  return "uid-" + std::to_string(x.uid);
}

bool is_owner(const session::peer& x) {
  return x.kind == session::peer_kind::root
         || x.kind == session::peer_kind::self;
}

} // namespace

void say_full(int socket) {
  static constexpr std::string_view text
    = "-ERR max number of clients reached\r\n";
  // The socket buffer of a fresh connection takes one line; a client that is
  // gone already needs none.
  (void)::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

session::peer describe_stranger(int socket, const std::string& local) {
  session::peer result;
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  result.local_address = local;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &length)
      == 0)
    result.address = text_of(address, length);
  result.via_unix = address.ss_family == AF_UNIX;
  if (result.via_unix)
    result.address = local + ":0";
  return result;
}

session::peer describe_peer(int socket, const std::string& local) {
  auto result = describe_stranger(socket, local);
  auto who = process::identify_peer(socket);
  switch (who.who) {
    case process::peer::kind::root:
      result.kind = session::peer_kind::root;
      break;
    case process::peer::kind::self:
      result.kind = session::peer_kind::self;
      break;
    default: break;
  }
  result.uid = who.uid;
  if (result.via_unix)
    result.user = local_user(who);
  return result;
}

gateway_state::~gateway_state() {
  for (auto& x : listeners_)
    x.socket->close();
}

void gateway_state::begin(gateway_links with) {
  links = std::move(with);
  configured_password_ = links.parameters.password_hash();
  use_parameters();
}

void gateway_state::accept(const handed_fd& socket, const std::string& local) {
  for (auto& x : listeners_)
    if (x.address == local && *x.underway > 0)
      --*x.underway;
  auto& figures = *links.connections->figures;
  if (!open_)
    return;
  auto plain = !links.tls.addresses.contains(local);
  // Where not even an owner has a place, nobody need ask who it is.
  auto room = has_place(*socket, plain);
  auto who = !room   ? session::peer{}
             : plain ? links.describe(socket->get(), local)
                     : describe_stranger(socket->get(), local);
  if (!room || !(is_owner(who) || has_place(*socket, false))) {
    figures.rejected.add();
    warn_if_short(*socket, is_owner(who));
    return plain ? say_full(socket->get()) : void();
  }
  if (!who.via_unix)
    keep_alive(socket->get(), links.connections->live->keep_alive);
  if (!plain)
    return admit(socket, std::move(who));
  auto id = ++last_id_;
  keep(links.connect(std::move(who), id, std::move(*socket)), id);
}

void gateway_state::keep(connection_actor who, std::uint64_t id) {
  auto& figures = *links.connections->figures;
  self->monitor(who);
  ids_.emplace(who.address(), id);
  clients_.emplace(id, std::move(who));
  figures.connections.add();
  figures.clients.set(static_cast<std::int64_t>(clients_.size()));
  if (!sweep_at_)
    expect_idleness(self->clock().now());
}

bool gateway_state::has_place(const unique_fd& socket, bool owner) const {
  auto most = links.connections->live->max_clients;
  auto on_their_way = links.tls.inside ? links.tls.inside() : 0;
  return clients_.size() + on_their_way < most + (owner ? places_kept : 0)
         && !takes_too_much(socket, owner);
}

void gateway_state::warn_if_short(const unique_fd& socket, bool owner) {
  // Clients may come and go at the edge thousands of times in a second.
  if (!takes_too_much(socket, owner)
      || !descriptor_warnings_.is_due(self->clock().now()))
    return;
  links.warn("new clients are refused: hardly any descriptors are left; raise "
             "LimitNOFILE or lower max-clients");
}

void gateway_state::gone(const caf::actor_addr& who) {
  if (auto i = ids_.find(who); i != ids_.end()) {
    clients_.erase(i->second);
    ids_.erase(i);
  }
  links.connections->figures->clients.set(
    static_cast<std::int64_t>(clients_.size()));
}

void gateway_state::compress() {
  if (compressing_)
    return;
  compressing_ = true;
  ask_all([this](figures_list& all) {
    compressing_ = false;
    auto& limits = links.connections->live->limits;
    auto& figures = *links.connections->figures;
    auto total = figures.unsent_bytes.get() + figures.held_bytes.get();
    auto largest = std::max_element(
      all.begin(), all.end(),
      [](auto& x, auto& y) { return held_by(x) < held_by(y); });
    if (largest == all.end()
        || total <= static_cast<std::int64_t>(limits.client_memory))
      return;
    figures.cut_off.add();
    links.warn("cut off client " + largest->address
               + ": all clients together "
                 "hold more than client-memory, and it holds the most");
    if (auto one = find(largest->id))
      self->send(one, atom::finish_v, std::string{"client-memory"});
  });
}

connection_actor gateway_state::find(std::uint64_t id) const {
  auto i = clients_.find(id);
  return i == clients_.end() ? connection_actor{} : i->second;
}

void gateway_state::finish() {
  open_ = false;
  for (auto& x : listeners_)
    x.socket->close();
  listeners_.clear();
  for (auto& [_, x] : clients_)
    self->send(x, atom::finish_v, std::string{"shutdown"});
}

caf::result<resp::value> gateway_state::call(command_call& what) {
  switch (what.what.command->id) {
    case resp::command_id::info: return info(what);
    case resp::command_id::client_list: return list_clients(what);
    case resp::command_id::client_kill: return kill_clients(what);
    case resp::command_id::client_pause: return pause(what);
    case resp::command_id::client_unblock: return unblock(what);
    case resp::command_id::client_unpause: return unpause();
    case resp::command_id::acl_setuser: return set_user(what);
    case resp::command_id::acl_deluser: return delete_users(what);
    case resp::command_id::acl_load: return load_users();
    case resp::command_id::acl_save: return save_users();
    case resp::command_id::config_get: return config_get(what);
    case resp::command_id::config_set: return config_set(what);
    case resp::command_id::config_resetstat:
      links.connections->figures->forget();
      return resp::ok();
    case resp::command_id::config_rewrite: return config_rewrite();
    case resp::command_id::debug: return log(what);
    case resp::command_id::latency_histogram: return latencies(what);
    case resp::command_id::memory_stats:
      return memory_stats(links.connections->figures->unsent_bytes.get());
    default: return to_reply(fail(errc::unsupported, "not available yet"));
  }
}

/// LATENCY HISTOGRAM [command …], of clients and scripts together.
resp::value gateway_state::latencies(const command_call& what) const {
  session::command_statistics all;
  all.add(links.connections->figures->statistics);
  all.add(links.connections->figures->script_statistics);
  return session::latency_reply(all, std::span{what.what.args}.subspan(2));
}

/// DEBUG LOG text.
resp::value gateway_state::log(const command_call& what) {
  links.warn("DEBUG LOG: " + ascii_line(what.what.args.back()));
  return resp::ok();
}

caf::result<resp::value> gateway_state::info(const command_call& what) {
  auto text = [this, sections = std::vector<std::string>{
                       what.what.args.begin() + 1, what.what.args.end()}] {
    return resp::value{resp::verbatim{
      info_text({links.who, *links.connections->figures, drift_,
                 links.connections->live->max_clients, self->clock().now(),
                 links.connections->wall_clock()},
                sections)}};
  };
  if (!links.drift)
    return text();
  auto promise = self->make_response_promise<resp::value>();
  // A disk that hangs must not keep anybody from looking.
  self->request(links.drift, 300ms, atom::status_v)
    .then(
      [this, promise, text](drift_report& x) mutable {
        drift_ = std::move(x);
        promise.deliver(text());
      },
      [promise, text](const caf::error&) mutable { promise.deliver(text()); });
  return promise;
}

gateway_actor::behavior_type
gateway(gateway_actor::stateful_pointer<gateway_state> self,
        gateway_links links) {
  self->state.begin(std::move(links));
  self->set_down_handler(
    [self](const caf::down_msg& x) { self->state.gone(x.source); });
  return {
    [self](atom::call, command_call& what) {
      stopwatch time{what};
      return self->state.call(what);
    },
    [self](atom::listen, handed_fd& socket, const std::string& address) {
      self->state.listen(std::move(socket), address);
    },
    [self](atom::open) { self->state.open(); },
    [self](atom::permit, bool patient) { self->state.permit(patient); },
    [self](atom::accept, const handed_fd& socket, const std::string& local) {
      self->state.accept(socket, local);
    },
    [self](atom::greet, const handed_guest& x) { self->state.greet(x); },
    [self](atom::reload) { self->state.renew(); },
    [self](atom::compress) { self->state.compress(); },
    [self](atom::wait) { self->state.end_pause(); },
    [self](atom::tick, std::uint64_t epoch) { self->state.sweep(epoch); },
    [self](atom::finish) { self->state.finish(); },
  };
}

} // namespace saker

// Listening sockets: the keeper has them, the GATEWAY accepts on them.
#include "actors/countdown.hpp"
#include "actors/gateway.hpp"
#include "base/text.hpp"
#include "messages/error.hpp"
#include "process/socket_address.hpp"
#include "process/socket_holder.hpp"

#include <algorithm>

namespace saker {

namespace {

constexpr auto patience_with_keeper = std::chrono::seconds{5};

/// More clients are accepted on a socket when one of these is served. Each has
/// its own: who storms one address keeps nobody from another.
constexpr std::size_t most_underway = 64;

/// In the words of Redis, and why.
std::string unable(const config::listen_address& where,
                   const std::vector<std::string>& words, const failure& why) {
  auto reason = to_string(where) + ": " + why.detail;
  if (!where.is_tcp())
    return session::not_set("unixsocket",
                            "Unable to listen on this socket. " + reason)
      .detail;
  if (session::first_named({"port", "bind"}, words) == "port")
    return session::not_set("port", "Unable to listen on this port. " + reason)
      .detail;
  return session::not_set("bind",
                          "Failed to bind to specified addresses. " + reason)
    .detail;
}

} // namespace

std::string holder_of(const config::listen_address& where) {
  auto address = process::parse_socket_address(to_string(where));
  if (!address || !process::is_listened_on(*address))
    return {};
  auto who = where.is_tcp() ? process::port_holder(where.port)
                            : process::socket_holder(where.path);
  return who.empty() ? "another program has it; `ss -ltnp` shows which one"
                     : who + " has it";
}

void gateway_state::listen(handed_fd socket, const std::string& address) {
  // It was asked for before a CONFIG SET that wants others.
  if (moved_ && !is_wanted(address))
    return unlisten(address);
  waiting_.push_back({std::move(socket), address});
  if (open_)
    open();
}

void gateway_state::open() {
  if (!std::exchange(open_, true))
    links.connections->live->patient = true;
  for (auto& x : std::exchange(waiting_, {}))
    accept_on(x);
}

void gateway_state::permit(bool patient) {
  links.connections->live->patient = patient;
  tell_all();
}

void gateway_state::accept_on(pending& x) {
  if (!open_)
    return waiting_.push_back(std::move(x));
  auto me = caf::actor_cast<gateway_actor>(self);
  auto address = x.address;
  auto waiting = std::make_shared<std::size_t>(0);
  listeners_.push_back(
    {address,
     links.listen(
       std::move(*x.socket),
       {[me, address, waiting](unique_fd socket) {
          ++*waiting;
          caf::anon_send(me, atom::accept_v, hand(std::move(socket)), address);
        },
        [warn = links.warn, address](int error) {
          warn("accept on " + address + ": " + errno_text(error)
               + ": new clients are refused; raise LimitNOFILE or lower "
                 "max-clients");
        },
        [figures = links.connections->figures,
         plain = !links.tls.addresses.contains(address)](int socket) {
          figures->rejected.add();
          if (plain)
            say_full(socket);
        },
        [waiting] { return *waiting < most_underway; }}),
     waiting});
}

bool gateway_state::is_wanted(const std::string& address) const {
  if (links.tls.addresses.contains(address))
    return true;
  auto all = links.parameters.listen();
  return std::any_of(all.begin(), all.end(),
                     [&](auto& x) { return to_string(x) == address; });
}

void gateway_state::unlisten(const std::string& address) {
  if (links.keeper)
    self->send(links.keeper, atom::send_v,
               link::request{link::unlisten{address}});
}

/// Whoever has connected already is a client.
void gateway_state::stop_accepting(const config::listen_address& where) {
  auto address = to_string(where);
  for (auto& x : listeners_)
    if (x.address == address)
      x.socket->finish();
  std::erase_if(listeners_, [&](auto& x) { return x.address == address; });
  std::erase_if(waiting_, [&](auto& x) { return x.address == address; });
}

/// Whoever is told that it is done finds nobody there any more.
void gateway_state::close_sockets() {
  auto all = std::make_shared<countdown>([this] { end_change(); });
  for (auto& old : change_->sockets.close) {
    stop_accepting(old);
    if (!links.keeper)
      continue;
    ++all->missing;
    self
      ->request(links.keeper, patience_with_keeper, atom::ask_v,
                link::request{link::unlisten{to_string(old)}})
      .then([all](bool) { all->one_less(); },
            [all](const caf::error&) { all->one_less(); });
  }
  all->one_less();
}

// -- CONFIG SET bind, port, unixsocket ------------------------------------------

/// The keeper gives a socket that it holds for a service too: what somebody
/// listens on already is left alone.
void gateway_state::move_sockets() {
  auto& x = change_->sockets;
  for (auto i = x.open.begin(); i != x.open.end();) {
    auto ours = std::any_of(x.close_first.begin(), x.close_first.end(),
                            [&](auto& y) { return session::excludes(*i, y); });
    auto holder = ours ? std::string{} : links.holder(*i);
    if (!holder.empty() && !i->optional)
      return refuse_change(
        unable(*i, change_->order.words,
               fail(errc::io, errno_text(EADDRINUSE) + ": " + holder)));
    i = holder.empty() ? i + 1 : x.open.erase(i);
  }
  for (auto& old : x.close_first) {
    stop_accepting(old);
    unlisten(to_string(old));
  }
  open_socket(0);
}

void gateway_state::open_socket(std::size_t i) {
  if (i == change_->sockets.open.size())
    return keep_change();
  auto& where = change_->sockets.open[i];
  ask_keeper(
    where,
    [this, i](pending x) {
      change_->opened.push_back(std::move(x));
      open_socket(i + 1);
    },
    [this, i, where](const failure& why) {
      if (where.optional)
        return open_socket(i + 1);
      undo_move(unable(where, change_->order.words, why));
    });
}

/// Optional addresses may all have failed.
bool gateway_state::leaves_nobody() const {
  auto& x = *change_;
  auto leaves = [&](auto& one) {
    return std::any_of(x.sockets.close.begin(), x.sockets.close.end(),
                       [&](auto& y) { return to_string(y) == one.address; });
  };
  return !x.sockets.empty() && x.opened.empty()
         && std::all_of(listeners_.begin(), listeners_.end(), leaves)
         && std::all_of(waiting_.begin(), waiting_.end(), leaves);
}

void gateway_state::undo_move(const std::string& error) {
  for (auto& x : std::exchange(change_->opened, {}))
    unlisten(x.address);
  open_again(0, error);
}

void gateway_state::open_again(std::size_t i, const std::string& error) {
  if (i == change_->sockets.close_first.size())
    return refuse_change(error);
  auto& where = change_->sockets.close_first[i];
  ask_keeper(
    where,
    [this, i, error](pending x) {
      accept_on(x);
      open_again(i + 1, error);
    },
    [this, i, where, error](const failure& why) {
      links.warn("listen on " + to_string(where) + " again: " + why.detail);
      open_again(i + 1, error);
    });
}

void gateway_state::ask_keeper(const config::listen_address& where,
                               std::function<void(pending)> done,
                               std::function<void(const failure&)> refused) {
  if (!links.keeper)
    return refused(fail(errc::closed, "there is no keeper"));
  link::listen what;
  what.address = to_string(where);
  what.mode = links.socket_mode;
  what.group = links.socket_group;
  self
    ->request(links.keeper, patience_with_keeper, atom::listen_v,
              std::move(what))
    .then(
      [done](const std::string& address, const handed_fd& socket) {
        done({socket, address});
      },
      [refused](const caf::error& why) { refused(to_failure(why)); });
}

} // namespace saker

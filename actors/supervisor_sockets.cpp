#include "actors/supervisor.hpp"
#include "messages/error.hpp"
#include "process/socket_address.hpp"
#include "process/socket_holder.hpp"

#include <cerrno>

#include <netinet/in.h>

namespace saker {

using namespace supervision;

namespace {

/// Who else has that address, as far as we may know.
std::string holder_of(const std::string& address) {
  auto where = process::parse_socket_address(address);
  if (!where)
    return {};
  if (!where->path.empty())
    return process::socket_holder(where->path);
  // The port lies at the same place in both families.
  auto& in = reinterpret_cast<const sockaddr_in&>(where->bytes);
  return process::port_holder(ntohs(in.sin_port));
}

} // namespace

/// The keeper holds what was asked for before: then it only says so again.
void supervisor_state::listen_then_spawn(const launch_ptr& x) {
  if (!x->sockets.empty() && links->keeper_version < link::sockets_version)
    return cannot_listen(x, "the keeper that runs is older than this node and "
                            "cannot hand over sockets: restart Saker");
  if (x->next == x->sockets.size())
    return spawn_now(x);
  auto& socket = x->sockets[x->next++];
  link::listen what;
  what.address = socket.address;
  what.backlog = socket.backlog;
  what.mode = socket.mode;
  what.group = socket.group;
  self->request(links->keeper, caf::infinite, atom::listen_v, std::move(what))
    .then(
      [this, x, address = socket.address](const std::string&,
                                          const handed_fd&) {
        x->what.sockets.push_back(address);
        listen_then_spawn(x);
      },
      [this, x, address = socket.address](const caf::error& why) {
        auto text = to_failure(why).detail;
        if (text.find(errno_text(EADDRINUSE)) != std::string::npos)
          if (auto who = holder_of(address); !who.empty())
            text += ": " + who + " has it";
        cannot_listen(x, address + ": " + text);
      });
}

void supervisor_state::spawn_now(const launch_ptr& x) {
  auto id = x->what.spawn_id;
  // Somebody may have wanted it down meanwhile.
  if (life->at() != state::starting || life->spawn_id() != id)
    return on(event::refused{id, "cancelled", 0, {}});
  auto again = !x->sockets.empty();
  self
    ->request(links->keeper, caf::infinite, atom::ask_v,
              again ? link::request{x->what}
                    : link::request{std::move(x->what)})
    .then([](bool) {},
          [this, x, id, again](const caf::error& why) {
            auto failure = to_failure(why);
            // Its last instance went down while this one came up, so the
            // roster had the socket closed.
            if (failure.code == errc::not_found && again && x->tries++ < 3) {
              x->next = 0;
              x->what.sockets.clear();
              return listen_then_spawn(x);
            }
            on(event::refused{id, "keeper", 0, {}, failure.detail});
          });
}

void supervisor_state::cannot_listen(const launch_ptr& x,
                                     const std::string& why) {
  on(event::refused{x->what.spawn_id, "listen on", 0, {}, why});
}

} // namespace saker

#include "actors/command_route.hpp"

#include <caf/actor_cast.hpp>

#include "cluster/far_names.hpp"

namespace saker {

command_actor
route(const connection_links& links, const session::request& what) {
  switch (what.target) {
    case resp::target::broker:
      return caf::actor_cast<command_actor>(links.broker);
    case resp::target::gateway: return links.gateway;
    case resp::target::librarian: return links.librarian;
    case resp::target::script: return links.script(what.script);
    case resp::target::roster:
      if (links.cluster && cluster::names_nodes(what.args))
        return links.cluster;
      return links.roster;
    case resp::target::node: return links.roster;
    case resp::target::cluster: return links.cluster;
    case resp::target::system: return links.system;
    case resp::target::local: break;
  }
  return {};
}

resp::value nobody_there() {
  return resp::error{"ERR nobody carries out this command now; try again in a "
                     "moment"};
}

} // namespace saker

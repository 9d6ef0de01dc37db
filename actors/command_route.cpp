#include "actors/command_route.hpp"

#include "acl/check.hpp"
#include "base/text.hpp"
#include "cluster/far_names.hpp"
#include "resp/command_table.hpp"
#include "session/alias_table.hpp"

#include <caf/actor_cast.hpp>

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
    case resp::target::system:
      if (links.cluster && cluster::names_nodes(what.args))
        return links.cluster;
      return links.system;
    case resp::target::local: break;
  }
  return {};
}

namespace {

failure still_loading(const std::string& node) {
  return fail(errc::loading, "node \"" + node + "\" is still loading");
}

failure wrong_arity(std::string_view command) {
  return fail(errc::syntax, "wrong number of arguments for '"
                              + std::string{command} + "' command");
}

result<command_actor>
script_here(const connection_links& links, const std::string& node,
            session::request& what) {
  what.args.erase(what.args.begin());
  auto name = printable(what.args.at(0), 60);
  auto& settings = *links.settings;
  auto table = settings.aliases ? settings.aliases() : nullptr;
  auto* alias = table ? table->find(what.args[0]) : nullptr;
  if (!alias && settings.loading && settings.loading(resp::target::script))
    return still_loading(node);
  if (!alias)
    return fail(errc::script_error, "NOSCRIPT no script of node \"" + node
                                      + "\" has registered a command '" + name
                                      + "'; TASKS lists them there");
  if (!alias->accepts(what.args.size()))
    return wrong_arity(name);
  // Who may reach some services only needs +call|NAME, which does not travel.
  if (!what.rights.has(alias->right)
      || (what.services && acl::reaches_services(alias->right)))
    return fail(errc::not_permitted, "this user has no permissions to run the '"
                                       + name + "' command");
  what.args[0] = alias->name;
  what.command = nullptr;
  what.target = resp::target::script;
  what.script = alias->script;
  what.needed = alias->right;
  auto who = links.script(what.script);
  if (!who)
    return fail(errc::busy,
                "nobody carries out '" + name + "' now; try again in a moment");
  return who;
}

} // namespace

result<command_actor>
carrier_here(const connection_links& links, const std::string& node,
             session::request& what) {
  if (!what.command->accepts(what.args.size()))
    return wrong_arity(what.command->name);
  if (what.command->id == resp::command_id::call)
    return script_here(links, node, what);
  what.target = what.command->target;
  auto who = what.target == resp::target::system ? links.system : links.roster;
  if (!who)
    return still_loading(node);
  return who;
}

resp::value nobody_there() {
  return resp::error{"ERR nobody carries out this command now; try again in a "
                     "moment"};
}

} // namespace saker

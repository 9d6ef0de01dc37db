// Users of some services only: what they cannot look at is not there for them,
// and what they cannot change stops a command as a whole.
#include "actors/roster.hpp"
#include "base/text.hpp"
#include "resp/command_table.hpp"

#include <algorithm>

namespace saker {

namespace {

failure no_access(const std::string& object, const session::request& asked) {
  return fail(errc::not_permitted,
              acl::service_refusal(object, asked.services));
}

} // namespace

acl::instance_name roster_state::known_as(const place& where) const {
  acl::instance_name x{links.supervisors->node, where.first, where.second, {}};
  if (auto service = services_.find(where.first); service != services_.end())
    x.groups = service->second->groups;
  return x;
}

bool roster_state::is_visible(const place& where,
                              const session::request& asked) const {
  return acl::may_look(asked.services, known_as(where));
}

result<void> roster_state::may_change(const std::vector<place>& whom,
                                      const session::request& asked) const {
  auto no = std::find_if(whom.begin(), whom.end(), [&](auto& x) {
    return !acl::may_change(asked.services, known_as(x));
  });
  if (no == whom.end())
    return {};
  return no_access(members_.at(*no).now.who.display(), asked);
}

/// Whoever may only look gets no output: it may hold secrets.
bool roster_state::may_see_output(const place& where,
                                  const session::request& asked) const {
  return asked.rights.has(resp::right::control)
         && acl::may_change(asked.services, known_as(where));
}

/// With all instances that it has or will have.
result<void>
roster_state::may_change_service(const std::string& name_,
                                 const session::request& asked) const {
  if (acl::may_change_whole(asked.services, known_as({name_, 0})))
    return {};
  return no_access(printable(name_, 80), asked);
}

// -- ACL DRYRUN -------------------------------------------------------------------

/// `asked` carries what the user who is tried may reach. Its command is not
/// carried out.
resp::value roster_state::dry_run(const session::request& asked) const {
  std::vector<std::string_view> words{asked.args.begin() + 3, asked.args.end()};
  auto what = acl::services_in(*resp::find_command(words[0]), words);
  std::string elsewhere;
  for (auto& text : acl::not_surely_reached(asked.services, what)) {
    auto mask = supervision::parse_mask(text);
    if (!mask)
      continue; // which is what the command itself would say
    auto others = !mask->node.empty() && mask->node != links.supervisors->node;
    if (others && elsewhere.empty())
      elsewhere = text;
    if (others && !check_node(*mask))
      continue;
    auto ok = try_out(text, what, asked);
    if (ok)
      continue;
    auto no = acl::refused_by_others("NOPERM " + ok.error().detail);
    return acl::describe_unreached(no ? no->object : acl::key_of_service(text));
  }
  if (!elsewhere.empty())
    return acl::describe_elsewhere(elsewhere);
  return resp::ok();
}

/// As the command would, of what this node has.
result<void>
roster_state::try_out(const std::string& text, const acl::service_call& what,
                      const session::request& asked) const {
  if (what.whole)
    return may_change_service(supervision::parse_mask(text)->name, asked);
  auto found = find(arguments{&text, 1}, asked,
                    what.looks ? purpose::look : purpose::change);
  return found ? result<void>{} : result<void>{found.error()};
}

} // namespace saker

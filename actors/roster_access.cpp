// Users of some services only: what they cannot look at is not there for them,
// and what they cannot change stops a command as a whole.
#include "acl/service_calls.hpp"
#include "actors/roster.hpp"
#include "base/text.hpp"

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

} // namespace saker

// ACL SETUSER, DELUSER: who may do what from now on.
#include "actors/gateway.hpp"

#include <algorithm>

namespace saker {

const std::string gateway_state::left_open
  = "other machines can reach one of the addresses in `listen`, and user "
    "default has no password; give it one, as in ACL SETUSER default >PASSWORD";

bool gateway_state::is_reachable(const session::address_list& all) {
  return std::any_of(all.begin(), all.end(),
                     [](auto& x) { return !x.loopback(); });
}

bool gateway_state::reachable() const {
  return is_reachable(links.parameters.listen());
}

/// Of all clients from now on.
void gateway_state::use_users(acl::user_list users) {
  links.connections->live->use(
    std::make_shared<const acl::user_list>(std::move(users)));
  tell_all();
}

resp::value gateway_state::set_user(const command_call& what) {
  auto users = *links.connections->live->sessions->users;
  auto& args = what.what.args;
  users.every_channel(links.parameters.text("acl-pubsub-default")
                      == "allchannels");
  if (auto done = users.change(args[2], std::span{args}.subspan(3)); !done)
    return resp::err(done.error().detail);
  if (args[2] == "default" && reachable() && users.find("default")->open())
    return resp::err(left_open);
  use_users(std::move(users));
  return resp::ok();
}

resp::value gateway_state::delete_users(const command_call& what) {
  auto names = std::span{what.what.args}.subspan(2);
  auto lasting = std::find_if(names.begin(), names.end(), [](auto& x) {
    return acl::user_list::is_lasting(x);
  });
  if (lasting != names.end())
    return resp::err("The '" + *lasting + "' user cannot be removed");
  auto users = *links.connections->live->sessions->users;
  std::int64_t deleted = 0;
  for (auto& x : names)
    deleted += users.erase(x) ? 1 : 0;
  if (deleted > 0)
    use_users(std::move(users));
  return resp::value{deleted};
}

} // namespace saker

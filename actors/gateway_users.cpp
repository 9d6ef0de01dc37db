// ACL SETUSER, DELUSER, SAVE, LOAD: who may do what from now on.
#include "actors/gateway.hpp"
#include "messages/error.hpp"

#include <algorithm>

namespace saker {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view no_file = "there is no file of users";

} // namespace

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

/// Without what ACL made of them.
acl::user_list gateway_state::base_users() const {
  return with_password(links.configured, links.parameters.password_hash());
}

/// Of all clients from now on, and of a node that comes back.
void gateway_state::use_users(acl::user_list users, resp::value reply,
                              value_promise promise) {
  auto lines = users.differences(base_users());
  links.connections->live->use(
    std::make_shared<const acl::user_list>(std::move(users)));
  tell_all();
  if (!links.users) {
    promise.deliver(std::move(reply));
    return;
  }
  self->request(links.users, 2s, atom::apply_v, std::move(lines))
    .then([promise, reply](bool) mutable { promise.deliver(reply); },
          [this, promise, reply](const caf::error& why) mutable {
            links.warn("keep what ACL made of users: " + to_failure(why).detail
                       + ": a node that is started again would not know it; "
                         "mend that and repeat the command");
            promise.deliver(reply);
          });
}

caf::result<resp::value> gateway_state::set_user(const command_call& what) {
  auto users = *links.connections->live->sessions->users;
  auto& args = what.what.args;
  users.every_channel(links.parameters.text("acl-pubsub-default")
                      == "allchannels");
  if (auto done = users.change(args[2], std::span{args}.subspan(3)); !done)
    return resp::err(done.error().detail);
  if (args[2] == "default" && reachable() && users.find("default")->open())
    return resp::err(left_open);
  auto promise = self->make_response_promise<resp::value>();
  use_users(std::move(users), resp::ok(), promise);
  return promise;
}

caf::result<resp::value> gateway_state::delete_users(const command_call& what) {
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
  if (deleted == 0)
    return resp::value{deleted};
  auto promise = self->make_response_promise<resp::value>();
  use_users(std::move(users), resp::value{deleted}, promise);
  return promise;
}

caf::result<resp::value> gateway_state::save_users() {
  if (!links.users)
    return resp::err(std::string{no_file});
  auto promise = self->make_response_promise<resp::value>();
  auto& users = *links.connections->live->sessions->users;
  self
    ->request(links.users, caf::infinite, atom::change_v,
              users.differences(base_users()))
    .then([promise](bool) mutable { promise.deliver(resp::ok()); },
          [promise](const caf::error& why) mutable {
            promise.deliver(
              resp::err("There was an error trying to save the ACLs: "
                        + to_failure(why).detail));
          });
  return promise;
}

caf::result<resp::value> gateway_state::load_users() {
  if (!links.users)
    return resp::err(std::string{no_file});
  auto promise = self->make_response_promise<resp::value>();
  self->request(links.users, caf::infinite, atom::load_v)
    .then(
      [this, promise](const std::vector<std::string>& lines) mutable {
        auto users = *links.connections->live->sessions->users;
        auto done = users.restore(base_users(), lines, "users.acl");
        if (done)
          use_users(std::move(users), resp::ok(), promise);
        else
          promise.deliver(
            resp::err(done.error().detail
                      + " WARNING: ACL errors detected, no change to "
                        "the previously active ACL rules was "
                        "performed"));
      },
      [promise](const caf::error& why) mutable {
        promise.deliver(resp::err(to_failure(why).detail));
      });
  return promise;
}

} // namespace saker

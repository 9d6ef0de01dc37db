// ACL SETUSER, DELUSER, SAVE, LOAD: who may do what from now on.
#include "actors/gateway.hpp"
#include "messages/error.hpp"
#include "session/exposure.hpp"

#include <algorithm>

namespace saker {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view no_file = "there is no file of users";

} // namespace

/// Without what ACL made of them.
acl::user_list gateway_state::base_users(const session::parameters& x) const {
  auto hash = x.password_hash();
  return hash == configured_password_ ? links.configured
                                      : with_password(links.configured, hash);
}

std::string gateway_state::exposure(const acl::user_list& users,
                                    const session::parameters& x) const {
  session::address_list tls;
  for (auto& text : links.tls.addresses)
    if (auto where = config::parse_listen_address(text, {}))
      tls.push_back(std::move(*where));
  return session::exposure(users, x, tls);
}

// -- keeping -------------------------------------------------------------------

/// For a node that comes back.
void gateway_state::keep_users(std::vector<std::string> lines,
                               std::function<void(const result<void>&)> then) {
  if (!links.users)
    return then({});
  self->request(links.users, 2s, atom::apply_v, std::move(lines))
    .then([then](bool) { then({}); },
          [then](const caf::error& why) { then(to_failure(why)); });
}

/// What was to be kept does not count: it may have been written all the same, or
/// still be.
void gateway_state::keep_present() {
  auto& now = links.parameters;
  if (links.overrides)
    caf::anon_send(links.overrides, atom::apply_v,
                   config::override_list{now.changed()});
  if (links.users)
    caf::anon_send(
      links.users, atom::apply_v,
      links.connections->live->sessions->users->differences(base_users(now)));
}

/// Only what is new, if the file has the rest already: others may be many.
void gateway_state::keep_additions(
  const acl::shared_users& next, std::vector<std::string> additions,
  std::function<void(const result<void>&)> then) {
  if (!links.users)
    return then({});
  self->request(links.users, 2s, atom::append_v, std::move(additions))
    .then([then](bool) { then({}); },
          [this, next, then](const caf::error&) {
            keep_users(next->differences(base_users(links.parameters)), then);
          });
}

/// Of all clients from now on. It is kept first: what was taken from somebody
/// must not come back with the next node.
void gateway_state::use_users(acl::user_list users, resp::value reply,
                              value_promise promise) {
  auto& before = *links.connections->live->sessions->users;
  auto additions = users.additions_to(before, links.configured);
  auto same = additions.empty();
  if (!reply.is_error() && !same)
    if (auto why = exposure(users, links.parameters); !why.empty())
      reply = resp::err(why);
  if (reply.is_error() || same) {
    promise.deliver(std::move(reply));
    return next_change();
  }
  auto next = std::make_shared<const acl::user_list>(std::move(users));
  auto then = [this, next, reply, promise](const result<void>& kept) mutable {
    if (kept) {
      links.connections->live->use(next);
      tell_all();
      promise.deliver(std::move(reply));
    } else {
      keep_present();
      promise.deliver(resp::err(
        "Nothing is changed, for it cannot be kept for a node that is started "
        "again after a fault: "
        + kept.error().detail + "; mend that and repeat the command"));
    }
    next_change();
  };
  keep_additions(next, std::move(additions), std::move(then));
}

// -- the commands --------------------------------------------------------------

caf::result<resp::value> gateway_state::change_users(user_edit edit) {
  auto promise = self->make_response_promise<resp::value>();
  in_turn([this, promise, edit = std::move(edit)] {
    auto users = *links.connections->live->sessions->users;
    auto reply = edit(users);
    use_users(std::move(users), std::move(reply), promise);
  });
  return promise;
}

caf::result<resp::value> gateway_state::set_user(const command_call& what) {
  return change_users([this, args = what.what.args](acl::user_list& users) {
    users.every_channel(links.parameters.text("acl-pubsub-default")
                        == "allchannels");
    auto done = users.change(args[2], std::span{args}.subspan(3));
    return done ? resp::ok() : resp::err(done.error().detail);
  });
}

caf::result<resp::value> gateway_state::delete_users(const command_call& what) {
  auto names = std::span{what.what.args}.subspan(2);
  auto lasting = std::find_if(names.begin(), names.end(), [](auto& x) {
    return acl::user_list::is_lasting(x);
  });
  if (lasting != names.end())
    return resp::err("The '" + *lasting + "' user cannot be removed");
  return change_users([all = std::vector<std::string>{
                         names.begin(), names.end()}](acl::user_list& users) {
    std::int64_t deleted = 0;
    for (auto& x : all)
      deleted += users.erase(x) ? 1 : 0;
    return resp::value{deleted};
  });
}

caf::result<resp::value> gateway_state::save_users() {
  if (!links.users)
    return resp::err(std::string{no_file});
  auto promise = self->make_response_promise<resp::value>();
  auto& users = *links.connections->live->sessions->users;
  self
    ->request(links.users, caf::infinite, atom::change_v,
              users.differences(base_users(links.parameters)))
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
  in_turn([this, promise] {
    self->request(links.users, 5s, atom::load_v)
      .then(
        [this, promise](const std::vector<std::string>& lines) {
          auto users = *links.connections->live->sessions->users;
          auto done = users.restore(base_users(links.parameters), lines,
                                    "users.acl");
          use_users(std::move(users),
                    done ? resp::ok()
                         : resp::err(done.error().detail
                                     + " WARNING: ACL errors detected, no "
                                       "change to the previously active ACL "
                                       "rules was performed"),
                    promise);
        },
        [this, promise](const caf::error& why) mutable {
          promise.deliver(resp::err(to_failure(why).detail));
          next_change();
        });
  });
  return promise;
}

} // namespace saker

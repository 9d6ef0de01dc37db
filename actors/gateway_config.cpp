// CONFIG GET, SET and REWRITE.
#include "actors/gateway.hpp"
#include "base/text.hpp"
#include "messages/error.hpp"

#include <sys/resource.h>

namespace saker {

namespace {

using namespace std::chrono_literals;

/// Descriptors that others need: children, logs, scripts.
constexpr rlim_t descriptors_for_others = 64;

/// As many clients as there are descriptors for.
rlim_t most_clients() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return RLIM_INFINITY;
  return limit.rlim_cur > descriptors_for_others
           ? limit.rlim_cur - descriptors_for_others
           : 1;
}

/// Why a value that looks well is not taken; empty: it is.
std::string objection(std::string_view parameter, const std::string& value) {
  if (parameter != "maxclients")
    return {};
  auto most = most_clients();
  if (std::strtoull(value.c_str(), nullptr, 10) <= most)
    return {};
  return "The operating system is not able to handle the specified number of "
         "clients, try with "
         + std::to_string(most);
}

/// The first of these that says who gets in, and where; empty: none does.
std::string_view access_in(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); i += 2) {
    auto word = to_lower(words[i]);
    if (word.starts_with("tls-") || word == "requirepass" || word == "bind"
        || word == "port" || word == "unixsocket")
      return words[i];
  }
  return {};
}

std::uint16_t main_port(const session::address_list& all) {
  for (auto& x : all)
    if (x.is_tcp())
      return x.port;
  return 0;
}

} // namespace

/// Of clients from now on, and of those that are told of it.
void gateway_state::use_parameters() {
  auto base = *links.connections->settings;
  base.connected = [this](std::uint64_t id) { return find(id) != nullptr; };
  auto& live = *links.connections->live;
  auto before = live.idle;
  live.use(links.parameters, base);
  if (live.idle != before) // some may be idle for longer already
    expect_idleness({});
  if (links.changed)
    links.changed(links.parameters);
}

resp::value gateway_state::config_get(const command_call& what) const {
  resp::map found;
  auto patterns = std::span{what.what.args}.subspan(2);
  for (auto& [name_, value] : links.parameters.get(patterns))
    found.add(name_, value);
  return resp::value{std::move(found)};
}

caf::result<resp::value> gateway_state::config_set(const command_call& what) {
  auto promise = self->make_response_promise<resp::value>();
  auto& args = what.what.args;
  in_turn(
    [this, order = config_order{promise, {args.begin() + 2, args.end()}}] {
      begin_change(order);
    });
  return promise;
}

void gateway_state::in_turn(std::function<void()> what) {
  orders_.push_back(std::move(what));
  if (!changing_)
    next_change();
}

/// One is done: sockets and disks take a while.
void gateway_state::next_change() {
  changing_ = false;
  if (std::exchange(turning_, true))
    return; // it was done at once, and the loop goes on
  while (!changing_ && !orders_.empty()) {
    auto what = std::move(orders_.front());
    orders_.pop_front();
    changing_ = true;
    what();
  }
  turning_ = false;
}

void gateway_state::begin_change(config_order order) {
  auto& now = links.parameters;
  auto next = now;
  auto done = next.set(order.words, objection);
  if (done && next.listen().empty() && !now.listen().empty())
    done = session::not_set(
      session::first_named({"port", "bind", "unixsocket"}, order.words),
      "Nobody could connect any more: leave a port with an address in bind, or "
      "a unixsocket");
  if (done)
    if (auto why = exposure(*links.connections->live->users_under(next), next);
        !why.empty())
      done = session::not_set(
        session::first_named(
          {"bind", "requirepass", "port", "tls-auth-clients"}, order.words),
        why);
  auto sockets = session::change_between(now.listen(), next.listen());
  change_.emplace(
    config_change{std::move(order), std::move(next), std::move(sockets)});
  if (!done)
    refuse_change(done.error().detail);
  else
    read_certificates();
}

void gateway_state::refuse_change(const std::string& text) {
  change_->order.promise.deliver(resp::value{resp::error{text}});
  change_.reset();
  next_change();
}

/// All sockets are there. Before it counts a node that comes back has to know it:
/// a password must not be gone with this one.
void gateway_state::keep_change() {
  auto& x = *change_;
  if (leaves_nobody())
    return undo_move(
      session::not_set(session::first_named({"bind", "port"}, x.order.words),
                       "Nobody could connect any more: none of these addresses "
                       "can be listened on; leave one that can, or a "
                       "unixsocket")
        .detail);
  if (x.next.password_hash() == links.parameters.password_hash())
    return keep_parameters();
  // What ACL made of `default` has its password too.
  auto users = links.connections->live->users_under(x.next);
  keep_users(
    users->differences(base_users(x.next)), [this](const result<void>& kept) {
      if (kept)
        keep_parameters();
      else
        give_up(session::not_set("requirepass",
                                 "It cannot be kept: " + kept.error().detail)
                  .detail);
    });
}

void gateway_state::keep_parameters() {
  auto changed = change_->next.changed();
  if (!links.overrides || changed == links.parameters.changed())
    return commit_change();
  self
    ->request(links.overrides, 2s, atom::apply_v,
              config::override_list{std::move(changed)})
    .then([this](bool) { commit_change(); },
          [this](const caf::error& error) {
            auto why = "keep what CONFIG SET set: " + to_failure(error).detail
                       + ": should the node end by a fault, the next one does "
                         "not know of it";
            if (auto access = access_in(change_->order.words); !access.empty())
              return give_up(session::not_set(access, why).detail);
            links.warn(why);
            commit_change();
          });
}

/// All is as it was before.
void gateway_state::give_up(const std::string& text) {
  keep_present();
  undo_move(text);
}

void gateway_state::commit_change() {
  auto& x = *change_;
  moved_ = moved_ || !x.sockets.empty();
  links.parameters = std::move(x.next);
  links.who.tcp_port = main_port(links.parameters.listen());
  use_parameters();
  tell_all();
  for (auto& socket : x.opened)
    accept_on(socket);
  if (x.tls)
    use_certificates(std::move(x.tls));
  close_sockets();
}

void gateway_state::end_change() {
  change_->order.promise.deliver(resp::ok());
  change_.reset();
  next_change();
}

caf::result<resp::value> gateway_state::config_rewrite() {
  if (!links.overrides)
    return resp::err("The server is running without a config file");
  auto promise = self->make_response_promise<resp::value>();
  self
    ->request(links.overrides, caf::infinite, atom::change_v,
              config::override_list{links.parameters.changed()})
    .then([promise](bool) mutable { promise.deliver(resp::ok()); },
          [promise](const caf::error& why) mutable {
            promise.deliver(
              resp::err("Rewriting config file: " + to_failure(why).detail));
          });
  return promise;
}

} // namespace saker

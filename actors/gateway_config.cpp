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

/// The first of these that a CONFIG SET sets.
std::string_view first_of(std::initializer_list<std::string_view> names,
                          const std::vector<std::string>& words) {
  for (auto name : names)
    for (std::size_t i = 0; i < words.size(); i += 2)
      if (equal_ignoring_case(name, words[i]))
        return name;
  return *names.begin();
}

/// Whether the parameters are well together.
result<void>
allowed(const session::parameters& now, const session::parameters& next,
        const std::vector<std::string>& words) {
  if (next.listen().empty() && !now.listen().empty())
    return session::not_set(first_of({"port", "bind", "unixsocket"}, words),
                            "Nobody could connect any more: leave a port with "
                            "an address in bind, or a unixsocket");
  auto why = next.exposure();
  if (why.empty() || !now.exposure().empty())
    return {};
  return session::not_set(first_of({"bind", "requirepass", "port"}, words),
                          why);
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
  orders_.push_back({promise, {args.begin() + 2, args.end()}});
  next_change();
  return promise;
}

/// One after the other: a socket takes a while.
void gateway_state::next_change() {
  while (!change_ && !orders_.empty()) {
    auto order = std::move(orders_.front());
    orders_.pop_front();
    begin_change(std::move(order));
  }
}

void gateway_state::begin_change(config_order order) {
  auto next = links.parameters;
  auto done = next.set(order.words, objection);
  if (done)
    done = allowed(links.parameters, next, order.words);
  if (done && !reachable() && is_reachable(next.listen())
      && next.password_hash() == links.parameters.password_hash()
      && links.connections->live->sessions->users->find("default")->open())
    done = session::not_set(first_of({"bind", "port"}, order.words), left_open);
  auto now = links.parameters.listen();
  auto sockets = session::change_between(now, next.listen());
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

/// All sockets are there.
void gateway_state::commit_change() {
  auto& x = *change_;
  for (auto& socket : x.opened)
    accept_on(socket);
  if (x.tls)
    use_certificates(std::move(x.tls));
  moved_ = moved_ || !x.sockets.empty();
  auto before = std::exchange(links.parameters, std::move(x.next));
  links.who.tcp_port = main_port(links.parameters.listen());
  use_parameters();
  tell_all();
  auto changed = links.parameters.changed();
  if (!links.overrides || changed == before.changed())
    return close_sockets();
  self
    ->request(links.overrides, 2s, atom::apply_v,
              config::override_list{std::move(changed)})
    .then([this](bool) { close_sockets(); },
          [this](const caf::error& why) {
            links.warn("keep what CONFIG SET set: " + to_failure(why).detail
                       + ": should the node end by a fault, the next one does "
                         "not know of it");
            close_sockets();
          });
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

// CONFIG GET, SET and REWRITE.
#include "actors/gateway.hpp"
#include "messages/error.hpp"

#include <sys/resource.h>

namespace saker {

namespace {

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

resp::value gateway_state::config_set(const command_call& what) {
  auto done = links.parameters.set(
    std::span{what.what.args}.subspan(2),
    [this](std::string_view x, const std::string& value) {
      return objection(x, value);
    });
  if (!done)
    return resp::error{done.error().detail};
  use_parameters();
  tell_all();
  return resp::ok();
}

/// Why a value that looks well is not taken; empty: it is.
std::string gateway_state::objection(std::string_view parameter,
                                     const std::string& value) const {
  if (parameter == "requirepass" && value.empty() && links.reachable)
    return "other machines can reach one of the addresses in `listen`; without "
           "a password that would let everybody in";
  if (parameter != "maxclients")
    return {};
  auto most = most_clients();
  if (std::strtoull(value.c_str(), nullptr, 10) <= most)
    return {};
  return "The operating system is not able to handle the specified number of "
         "clients, try with "
         + std::to_string(most);
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

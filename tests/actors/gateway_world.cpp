#include "tests/support/gateway_world.hpp"

#include "actors/broker.hpp"
#include "messages/error.hpp"
#include "resp/command_table.hpp"

#include <sys/socket.h>

namespace saker::test {

namespace {

using words = std::vector<std::string>;

drift_actor::behavior_type
telling_drift(drift_actor::pointer, const drift_report* what) {
  return {[what](atom::status) { return *what; }};
}

overrides_actor::behavior_type
keeping_overrides(overrides_actor::pointer,
                  std::optional<config::override_list>* where,
                  std::optional<config::override_list>* live) {
  return {
    [live](atom::apply, const config::override_list& what) {
      *live = what;
      return true;
    },
    [where](atom::change,
            const config::override_list& what) -> caf::result<bool> {
      if (what.size() > 1)
        return to_error(fail(errc::io, "the disk is full"));
      *where = what;
      return true;
    },
  };
}

keeper_link_actor::behavior_type
holding_sockets(keeper_link_actor::pointer, socket_keeper* to) {
  return {
    [to](atom::send, const link::request& x) {
      if (auto* what = std::get_if<link::unlisten>(&x))
        to->heard.push_back('-' + what->address);
    },
    [to](atom::ask, const link::request& x) {
      if (auto* what = std::get_if<link::unlisten>(&x))
        to->heard.push_back('-' + what->address);
      return true;
    },
    [to](atom::listen,
         const link::listen& x) -> caf::result<std::string, handed_fd> {
      if (auto no = to->refusals.find(x.address); no != to->refusals.end())
        return to_error(fail(errc::io, no->second));
      to->heard.push_back('+' + x.address);
      return {x.address, hand(unique_fd{})};
    },
    [](atom::enroll, const std::string&, const keeper_client_actor&) {},
    [](atom::withdraw, const std::string&) {},
    [](atom::enroll, const keeper_master_actor&) {},
    [](atom::readable) {},
    [](atom::drained) {},
  };
}

config::settings listens_on(const words& addresses) {
  config::settings from;
  for (auto& x : addresses)
    from.listen.push_back(*config::parse_listen_address(x, "/run"));
  return from;
}

} // namespace

gateway_world::gateway_world() {
  links->settings = std::make_shared<session::settings>();
  links->broker = spawn(broker, broker_links{nullptr, &figures});
  links->figures = &figures;
  gateway_links with;
  with.connections = links;
  with.parameters = session::parameters{listens_on({"127.0.0.1:7", "unix:/x"})};
  with.keeper = spawn(holding_sockets, &keeper);
  with.holder = [this](const config::listen_address& x) {
    auto i = holders.find(to_string(x));
    return i == holders.end() ? std::string{} : i->second;
  };
  EXPECT_TRUE(with.parameters.set(words{"maxclients", "2"}));
  with.parameters.settle();
  with.changed = [this](const session::parameters& x) {
    told.push_back(x.text("timeout"));
  };
  with.overrides = spawn(keeping_overrides, &kept, &live);
  with.listen = [this](unique_fd, io::listener_events events) {
    accepting = std::move(events);
    listener = std::make_shared<manual_listener>();
    listeners.push_back(listener);
    return listener;
  };
  with.connect = [this](session::peer who, std::uint64_t id, unique_fd) {
    peers.push_back(who);
    stream_factory factory = [this](io::stream_events events) {
      wires.push_back(std::make_shared<fake_stream>(std::move(events)));
      return wires.back();
    };
    return sys.spawn(connection, shared_links{links}, std::move(who), id,
                     factory);
  };
  with.warn = [this](const std::string& x) { warnings.push_back(x); };
  with.describe = [this](int socket, const std::string& local) {
    ++described;
    auto who = describe_peer(socket, local);
    if (strangers)
      who.kind = session::peer_kind::stranger;
    who.via_unix = who.via_unix && !via_tcp;
    return who;
  };
  with.drift = spawn(telling_drift, &drift);
  uut = spawn(gateway, std::move(with));
  links->gateway = caf::actor_cast<command_actor>(uut);
  tell(uut, atom::listen_v, hand(unique_fd{}), std::string{"unix:/x"});
}

void gateway_world::TearDown() {
  accepting = {};
  tell(uut, atom::finish_v);
  actor_test::TearDown();
}

unique_fd gateway_world::connect() {
  int ends[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  accepting.accepted(unique_fd{ends[0]});
  settle();
  return unique_fd{ends[1]};
}

std::string gateway_world::change(std::vector<std::string> words) {
  words.insert(words.begin(), {"CONFIG", "SET"});
  return std::string{
    command(std::move(words), resp::command_id::config_set).text()};
}

std::string gateway_world::told_of(const std::string& parameter) {
  auto x = command({"CONFIG", "GET", parameter}, resp::command_id::config_get);
  return std::string{x.find(parameter)->text()};
}

resp::value
gateway_world::command(std::vector<std::string> args, resp::command_id id) {
  command_call call;
  call.what.command = resp::find_command(args[0]);
  if (call.what.command->id != id)
    call.what.command = resp::find_subcommand(*call.what.command, args[1]);
  call.what.args = std::move(args);
  auto x = ask<resp::value>(uut, atom::call_v, std::move(call));
  return x ? *x : resp::value{};
}

} // namespace saker::test
